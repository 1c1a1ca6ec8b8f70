import type { Element } from '@xmpp/client';
import type { InboundFrame, MessageStanza } from '../../protocol/ccs/frame.ts';
import type {
  CcsConnection,
  CcsEndpoint,
  ConnectionListener,
  ConnectionOptions,
  PingOutcome,
} from './ccs-connection.ts';
import { CcsSocket } from './ccs-socket.ts';
import { parseCcsUrl } from './ccs-url.ts';
import { conditionName, loginFailure, peerText, saslFailure, socketFailure } from './close-reason.ts';
import type { CloseReason } from './close-reason.ts';
import { DURING_NEGOTIATION, routeOf } from './element-route.ts';
import { LibraryClient } from './library-client.ts';
import { messageStanza, messageText } from './message-stanza.ts';
import { hears, leaves, negotiates, nextPhase, speaks } from './phase.ts';
import type { Phase, PhaseEvent } from './phase.ts';
import { DEFAULT_LIMITS } from './stream-limits.ts';
import type { StreamLimits } from './stream-limits.ts';
import { StreamViolation } from './stream-violation.ts';
import { Utf8Decoder } from './utf8-decoder.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 20_000;
const LIBRARY_SLACK_MS = 1_000; // our own limit must be the one that strikes
// the peer may send as soon as it has bound us, at most 100 un-acked (protocol §6)
const MAX_EARLY_FRAMES = 1_000;
const STREAM_END = '</stream:stream>';

interface Early {
  readonly frame: InboundFrame;
  readonly length: number;
}

/** Supervises one connection from first byte to last: phases, deadlines, and the one reason why it ended. */
export class Session implements CcsConnection {
  readonly #listener: ConnectionListener;
  readonly #decode: (stanza: MessageStanza) => InboundFrame;
  readonly #handshakeTimeoutMs: number;
  readonly #socket: CcsSocket;
  readonly #library: LibraryClient;
  readonly #decoder = new Utf8Decoder();
  readonly #limits: StreamLimits;
  readonly #serverKey: string;
  #isOver: () => void = () => undefined;
  readonly #over = new Promise<void>((resolve) => (this.#isOver = resolve));
  #phase: Phase = 'connecting';
  #deadline: NodeJS.Timeout | undefined;
  /** Frames that came in one chunk with the answer to our binding, before the library reported it. */
  #early: Early[] = [];
  #unboundBytes = 0;

  constructor(endpoint: CcsEndpoint, listener: ConnectionListener, options: ConnectionOptions) {
    const { decode, connectTimeoutMs = CONNECT_TIMEOUT_MS, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = options;
    this.#listener = listener;
    this.#decode = decode;
    this.#serverKey = endpoint.serverKey;
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { unreadBytes } = this.#limits;
    this.#socket = new CcsSocket(
      { address: parseCcsUrl(endpoint.url), ca: endpoint.ca, unreadBytes },
      {
        secured: () => this.#secured(),
        bytes: (chunk) => this.#bytes(chunk),
        ended: () => this.#end({ kind: 'reset', detail: 'the TCP connection ended without </stream:stream>' }),
        failed: (error) => this.#end(socketFailure(error, this.#phase !== 'connecting')),
      },
    );
    this.#library = new LibraryClient(
      {
        endpoint,
        socket: this.#socket,
        limits: this.#limits,
        resource: options.resource,
        patienceMs: handshakeTimeoutMs + LIBRARY_SLACK_MS,
      },
      {
        bound: () => queueMicrotask(() => this.#bound()),
        failed: (error) => this.#libraryFailed(error),
        element: (element) => this.#element(element),
        streamEnd: () => this.#end({ kind: 'orderly', detail: 'the peer closed the stream' }, STREAM_END),
      },
    );
    this.#expire(connectTimeoutMs, { kind: 'timeout', detail: `no TLS connection within ${connectTimeoutMs} ms` });
    this.#library.start();
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  send(stanzaId: string, json: string): void {
    if (speaks[this.#phase]) this.#socket.write(messageText(stanzaId, json));
  }

  async ping(timeoutMs: number): Promise<PingOutcome> {
    if (!speaks[this.#phase]) return 'closed';
    try {
      await this.#library.ping(timeoutMs);
      return 'answered';
    } catch (error) {
      if (error instanceof Error && error.name === 'StanzaError') return 'answered';
      return hears[this.#phase] ? 'timedOut' : 'closed';
    }
  }

  close(graceMs: number): Promise<void> {
    const next = nextPhase(this.#phase, 'closeAsked');
    if (next === 'closed') this.#end({ kind: 'closedByUs', detail: 'closed before it was open' });
    if (next === 'closing') {
      this.#move('closeAsked');
      this.#socket.write(STREAM_END);
      this.#expire(graceMs, { kind: 'closedByUs', detail: `the peer did not close the stream within ${graceMs} ms` });
    }
    return this.#over;
  }

  destroy(): void {
    this.#end({ kind: 'closedByUs', detail: 'destroyed' });
    this.#socket.destroy();
  }

  #secured(): void {
    if (!this.#move('secured')) return;
    const limit = this.#handshakeTimeoutMs;
    this.#expire(limit, { kind: 'timeout', detail: `not logged in within ${limit} ms` });
  }

  #bound(): void {
    if (!this.#move('bound')) return;
    clearTimeout(this.#deadline);
    this.#listener.onOpen();
    for (const { frame, length } of this.#early.splice(0))
      if (hears[this.#phase]) this.#listener.onFrame(frame, length);
  }

  #bytes(chunk: Buffer): void {
    if (hears[this.#phase]) this.#listener.onHeard?.();
    try {
      if (negotiates[this.#phase]) this.#countUnbound(chunk.length);
      this.#library.read(this.#decoder.decode(chunk));
    } catch (error) {
      if (!(error instanceof StreamViolation)) throw error; // ours: a listener's, a decoder's
      this.#end({ kind: 'protocolViolation', detail: error.message }, streamError(error.condition));
    }
  }

  #countUnbound(bytes: number): void {
    this.#unboundBytes += bytes;
    const { unboundBytes } = this.#limits;
    if (this.#unboundBytes > unboundBytes) {
      throw new StreamViolation('policy-violation', `more than ${unboundBytes} bytes before the binding`);
    }
  }

  #element(element: Element): void {
    const route = routeOf(element);
    if (DURING_NEGOTIATION.has(route) && !negotiates[this.#phase])
      throw new StreamViolation('policy-violation', 'negotiation after the binding');
    switch (route) {
      case 'message':
        this.#message(element);
        break;
      case 'iq':
        // or it would answer after our </stream:stream> (RFC 6120 §4.4)
        if (!leaves[this.#phase]) this.#library.take(element);
        break;
      case 'saslStep':
        this.#library.take(element);
        break;
      case 'features':
        this.#library.takeFeatures(element);
        break;
      case 'saslFailure':
        this.#end(saslFailure(conditionOf(element), this.#textOf(element)), STREAM_END);
        break;
      case 'streamError':
        this.#end({ kind: 'streamError', detail: conditionOf(element) + this.#textOf(element) }, STREAM_END);
        break;
      case 'ignored':
        break;
      case 'foreign':
        throw new StreamViolation('policy-violation', 'an element that has no place in the stream');
    }
  }

  /** RFC 6120 §4.9.2, §6.5 put it into the error's namespace; any namespace will do. */
  #textOf(error: Element): string {
    return peerText(error.getChild('text')?.getText(), this.#serverKey);
  }

  #message(message: Element): void {
    const stanza = messageStanza(message);
    const frame = this.#decode(stanza);
    const length = stanza.json?.length ?? 0;
    if (hears[this.#phase]) this.#listener.onFrame(frame, length);
    else if (this.#early.push({ frame, length }) > MAX_EARLY_FRAMES) {
      throw new StreamViolation('policy-violation', 'messages before the binding');
    }
  }

  /** Once open, the library's errors do not matter: the socket or the stream shows when a connection ends. */
  #libraryFailed(error: unknown): void {
    if (!hears[this.#phase]) this.#end(loginFailure(error, this.#serverKey), STREAM_END);
  }

  #expire(afterMs: number, reason: CloseReason): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#end(reason), afterMs);
  }

  #move(event: PhaseEvent): boolean {
    const next = nextPhase(this.#phase, event);
    if (next !== undefined) this.#phase = next;
    return next !== undefined;
  }

  /** The only way out. With a farewell the peer is told; without one the socket is cut. */
  #end(reason: CloseReason, farewell?: string): void {
    const asked = leaves[this.#phase];
    if (!this.#move('ended')) return;
    clearTimeout(this.#deadline);
    this.#early = [];
    this.#library.abandon();
    if (farewell === undefined) this.#socket.destroy();
    else this.#socket.leave(asked ? '' : farewell);
    this.#isOver();
    // never from within destroy() or close(): no call re-enters its caller
    queueMicrotask(() => this.#listener.onClosed(asked ? { kind: 'closedByUs', detail: reason.detail } : reason));
  }
}

const streamError = (condition: string): string =>
  `<stream:error><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>${STREAM_END}`;

/** The first element that is not the text: careless servers put that first. */
const conditionOf = (error: Element): string =>
  conditionName(
    error
      .getChildElements()
      .find((child) => child.getName() !== 'text')
      ?.getName(),
  );
