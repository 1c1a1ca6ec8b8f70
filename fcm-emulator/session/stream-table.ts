/**
 * A connection as CCS sees it (protocol §1, §7). A missing cell is illegal: from the client it ends the stream with an
 * error, from our own code it throws.
 *
 * opening         TLS is up, the client has to open its stream
 * authenticating  mechanisms are offered
 * restarting      authenticated; the client has to open its stream anew
 * binding         bind is offered
 * bound           messages flow
 * draining        the client has been told; answers and upstream still flow, what it sends anew is refused
 * ending          its refusal is out, the closing tag follows in a write of its own; nothing is read any more
 * halfOpen        a fault: we neither read nor write, and keep the socket
 * closed          nothing more goes either way
 */
export type StreamState =
  'opening' | 'authenticating' | 'restarting' | 'binding' | 'bound' | 'draining' | 'ending' | 'halfOpen' | 'closed';
export type StreamEvent =
  'header' | 'accepted' | 'bind' | 'iq' | 'message' | 'drain' | 'refuse' | 'freeze' | 'end' | 'lost';

type Row = Partial<Record<StreamEvent, StreamState>>;

const ENDS: Row = { refuse: 'ending', end: 'closed', lost: 'closed', freeze: 'halfOpen' };

export const STREAM_TABLE: Readonly<Record<StreamState, Row>> = {
  opening: { ...ENDS, header: 'authenticating' },
  authenticating: { ...ENDS, accepted: 'restarting' },
  restarting: { ...ENDS, header: 'binding' },
  binding: { ...ENDS, iq: 'binding', bind: 'bound' },
  bound: { ...ENDS, iq: 'bound', message: 'bound', drain: 'draining' },
  draining: { ...ENDS, iq: 'draining', message: 'draining', drain: 'draining' },
  ending: { end: 'closed', lost: 'closed', freeze: 'halfOpen' },
  halfOpen: { end: 'closed', lost: 'closed', freeze: 'halfOpen' },
  closed: { end: 'closed', lost: 'closed', freeze: 'closed' },
};
