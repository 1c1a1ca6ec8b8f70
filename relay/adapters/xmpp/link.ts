import type { CloseKind, Link, OnReport, OutgoingMessage, Transport } from '../../model/link.ts';
import { decodeFrame } from '../../protocol/ccs/decode.ts';
import { encodeDownstream, encodeUpstreamAck } from '../../protocol/ccs/encode.ts';
import type { InboundFrame } from '../../protocol/ccs/frame.ts';
import type { CcsConnection, CcsEndpoint, ConnectionListener, ConnectionOptions } from './ccs-connection.ts';
import type { CloseCause, CloseReason } from './close-reason.ts';
import { connectCcs } from './connect-ccs.ts';
import { reportOf } from './reports.ts';

/** Protocol §5: pending messages on a connection. */
const PENDING_LIMIT = 100;
const PING_TIMEOUT_MS = 10_000;
// every frame shows that the far end lives; bytes without a frame need not do so more often
const HEARD_EVERY_MS = 1_000;

export const XMPP_TRAITS = { dropsRepeats: true, carriesUpstream: true, abandonsSingly: false } as const;

const CLOSE_KINDS: Readonly<Record<CloseCause, CloseKind>> = {
  orderly: 'orderly',
  closedByUs: 'orderly',
  refusedCredentials: 'failed',
  streamError: 'failed',
  reset: 'failed',
  timeout: 'failed',
  protocolViolation: 'failed',
  unreachable: 'failed',
};

export type XmppOptions = Omit<ConnectionOptions, 'decode'>;

/** CCS over XMPP (protocol.md) as a transport of the relay. */
export const xmppTransport = (endpoint: CcsEndpoint, options: XmppOptions = {}): Transport => ({
  traits: XMPP_TRAITS,
  connect: (report) => new XmppLink(endpoint, options, report),
});

class XmppLink implements Link, ConnectionListener {
  readonly #connection: CcsConnection;
  readonly #report: OnReport;
  #heardMs = -Infinity;
  #isOver = false;

  constructor(endpoint: CcsEndpoint, options: XmppOptions, report: OnReport) {
    this.#report = report;
    this.#connection = connectCcs(endpoint, this, { ...options, decode: decodeFrame });
  }

  send({ messageId, content }: OutgoingMessage, ttlSeconds: number): void {
    this.#connection.send(messageId, encodeDownstream(content.message, ttlSeconds));
  }

  ackUpstream(from: string, messageId: string): void {
    this.#connection.send('', encodeUpstreamAck(from, messageId));
  }

  /** CCS keeps the place until it answers or the connection ends (protocol §5). */
  abandon(): void {
    return;
  }

  ping(): void {
    void this.#connection.ping(PING_TIMEOUT_MS).then((outcome) => {
      if (outcome === 'answered' && !this.#isOver) this.#report({ kind: 'heard' });
    });
  }

  close(graceMs: number): Promise<void> {
    return this.#connection.close(graceMs);
  }

  destroy(): void {
    this.#connection.destroy();
  }

  onOpen(): void {
    this.#report({ kind: 'opened', limit: PENDING_LIMIT });
  }

  onFrame(frame: InboundFrame, length: number): void {
    this.#report(reportOf(frame, length));
  }

  onHeard(): void {
    const nowMs = performance.now();
    if (nowMs - this.#heardMs < HEARD_EVERY_MS) return;
    this.#heardMs = nowMs;
    this.#report({ kind: 'heard' });
  }

  onClosed({ kind, detail }: CloseReason): void {
    this.#isOver = true;
    if (kind === 'refusedCredentials') this.#report({ kind: 'credentialsRefused', detail });
    this.#report({ kind: 'closed', how: CLOSE_KINDS[kind], detail: `${kind}: ${detail}` });
  }
}
