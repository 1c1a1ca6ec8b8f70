/**
 * The states of a connection, as CCS sees them (protocol §1, §7). A missing cell is an illegal transition: from the
 * client it ends the stream with an error, from our own code it throws.
 *
 * opening         TLS is up; the client is to open its stream
 * authenticating  mechanisms are offered
 * restarting      authenticated; the client is to open a new stream
 * binding         bind is offered
 * bound           messages flow
 * draining        the client has been told; answers and upstream still flow, new messages are nacked
 * ending          the refusal is sent, the closing tag follows in a write of its own; input is ignored
 * halfOpen        a fault: nothing is read or written, the socket stays open
 * closed          nothing is read or written
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
