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
  /** From there until messages may be sent: stream, SASL, binding. */
  readonly handshakeTimeoutMs?: number;
  readonly limits?: Partial<StreamLimits>;
  /** Asked for at binding; CCS appends to it. Absent: CCS's own choice. */
  readonly resource?: string;
}

/**
 * What a connection reports. Never from within a call of a CcsConnection's own method, and in this order:
 * `onOpen` once or never, then frames, then `onClosed` once; nothing after that.
 * What a listener throws is not caught: it is our own fault, not the peer's.
 */
export interface ConnectionListener {
  /** Authenticated and bound: messages may be sent. */
  onOpen(): void;
  /** @param length of the JSON that it was decoded from, in UTF-16 code units */
  onFrame(frame: InboundFrame, length: number): void;
  /**
   * Bytes came in, were it only white space: the peer is alive. Between `onOpen` and `onClosed`, before the frames that
   * they hold.
   */
  onHeard?(): void;
  /** Exactly once, whatever happens, also when it never opened. */
  onClosed(reason: CloseReason): void;
}

/** `answered` also by an error: whoever refuses a ping is alive (XEP-0199 §4.2). */
export type PingOutcome = 'answered' | 'timedOut' | 'closed';

export interface CcsConnection {
  /**
   * One `<message>` with this JSON in it; what is sent in one turn of the event loop leaves together, in few writes.
   * Dropped when the connection is not open (the caller may not know yet): then `onClosed` speaks for it.
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
  /** What has been sent and not yet taken by the kernel, about. */
  readonly bufferedBytes: number;
}
