import type { InboundFrame, MessageStanza } from '../../protocol/ccs/frame.ts';
import type { CloseReason } from './close-reason.ts';
import type { StreamLimits } from './stream-limits.ts';

/** Where to connect and as whom (protocol §1). */
export interface CcsEndpoint {
  /** `xmpps://host[:port]`, TLS from the first byte. See `parseCcsUrl`. */
  readonly url: string;
  /** The stream's `to`, and the domain of the account: `fcm.googleapis.com`. */
  readonly domain: string;
  readonly senderId: string;
  readonly serverKey: string;
  /** PEM certificates to trust instead of Node's own (and NODE_EXTRA_CA_CERTS). */
  readonly ca?: string | readonly string[];
}

export interface ConnectionOptions {
  readonly decode: (stanza: MessageStanza) => InboundFrame;
  /** TCP and TLS together. */
  readonly connectTimeoutMs?: number;
  /** From then until messages may be sent: stream, SASL, binding. */
  readonly handshakeTimeoutMs?: number;
  readonly limits?: Partial<StreamLimits>;
  /** Asked for at binding; CCS appends to it. Absent: CCS's own choice. */
  readonly resource?: string;
}

/**
 * What a connection reports, never from within a call of one of its methods: `onOpen` once or never, then frames, then
 * `onClosed` once, and nothing after that. What a listener throws is not caught: it is our fault, not the peer's.
 */
export interface ConnectionListener {
  /** Authenticated and bound: messages may be sent. */
  onOpen(): void;
  /** @param length of the JSON that it was decoded from, in UTF-16 code units */
  onFrame(frame: InboundFrame, length: number): void;
  /** Bytes came in, if only white space: the peer is alive. Called before the frames that they hold. */
  onHeard?(): void;
  /** Exactly once, even if it never opened. */
  onClosed(reason: CloseReason): void;
}

/** An error is an answer too: a peer that refuses a ping is alive (XEP-0199 §4.2). */
export type PingOutcome = 'answered' | 'timedOut' | 'closed';

export interface CcsConnection {
  /**
   * One `<message>` with this JSON in it. What is sent in one turn of the event loop leaves together, in few writes.
   * Dropped when the connection is not open, which the caller may not know yet: `onClosed` will say so.
   */
  send(stanzaId: string, json: string): void;
  /** XEP-0199. Never rejects. */
  ping(timeoutMs: number): Promise<PingOutcome>;
  /**
   * `</stream:stream>`, then up to `graceMs` for what the peer still sends. Resolves when it is over; never rejects.
   */
  close(graceMs: number): Promise<void>;
  /** At once, at any stage: no socket and no timer is left. */
  destroy(): void;
  /** About how much has been sent and not yet taken by the kernel. */
  readonly bufferedBytes: number;
}
