import type { Clock } from '../../time/clock.ts';
import type { Random } from '../../time/random.ts';
import type { Schedule } from '../../time/schedule.ts';
import { render, type GcmForm, type ServerFrame, type StreamErrorCondition } from '../stanzas/server-frame.ts';
import type { Link } from './link.ts';
import { OutputBuffer, type PendingCounts } from './output-buffer.ts';
import { STREAM_TABLE, type StreamEvent, type StreamState } from './stream-table.ts';

export interface StreamHost {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly identifiers: Random;
  gcmForm(): GcmForm;
}

/** What the stream reports; both reasons are for the log. */
export interface StreamListener {
  failed(condition: StreamErrorCondition, reason: string): void;
  closed(reason: string): void;
}

/**
 * Between a refusal and the closing tag. Clients that find both in one read take the end for a lost connection and
 * never look at the refusal, and on a busy machine even two writes of one turn of the event loop arrive as one read.
 */
const REFUSAL_TO_CLOSE_MS = 50;

/** What the client sent, for the log. */
const RECEIVED: Partial<Record<StreamEvent, string>> = {
  header: 'a stream header',
  accepted: '<auth>',
  bind: 'a bind',
  iq: 'an iq',
  message: 'a message',
};

/** The server's half of one XMPP stream: its state, what it sends, and how it ends. */
export class ServerStream {
  readonly #host: StreamHost;
  readonly #link: Link;
  readonly #listener: StreamListener;
  readonly #output: OutputBuffer;
  #state: StreamState = 'opening';
  #domain: string | undefined; // echoed as the header's `from`
  #headerSent = false;
  #refusal: string | undefined; // stays the reason, even if the client then closes first
  #sent = 0;

  constructor(host: StreamHost, link: Link, listener: StreamListener) {
    this.#host = host;
    this.#link = link;
    this.#listener = listener;
    this.#output = new OutputBuffer(host.clock, (text) => link.send(text));
  }

  get state(): StreamState {
    return this.#state;
  }

  get domain(): string | undefined {
    return this.#domain;
  }

  get counts(): PendingCounts & { readonly sent: number } {
    return { ...this.#output.counts, sent: this.#sent };
  }

  /** False once the stream has ended, is about to, or is half-open. */
  get isLive(): boolean {
    return this.#state !== 'closed' && this.#state !== 'halfOpen' && this.#state !== 'ending';
  }

  /** Whether the client may do this now; if not, the stream ends (protocol §1: messages only after bind). */
  permits(event: StreamEvent): boolean {
    if (STREAM_TABLE[this.#state][event] !== undefined) return true;
    this.fail('not-authorized', `${RECEIVED[event] ?? event} in state ${this.#state}`);
    return false;
  }

  go(event: StreamEvent): void {
    const next = STREAM_TABLE[this.#state][event];
    if (next === undefined) throw new Error(`no ${event} in state ${this.#state}`);
    this.#state = next;
  }

  send(frame: ServerFrame): void {
    if (this.isLive) this.#write(frame);
  }

  /** A downstream message has come in and is pending until its answer is written. Returns how many are. */
  admit(): number {
    return this.#output.admit();
  }

  /** Sends the answer to an admitted message. */
  answer(frame: ServerFrame): void {
    this.send(frame);
    this.#output.settle();
  }

  /** The client's header names the domain it wants. */
  requested(domain: string | undefined): void {
    this.#domain = domain;
  }

  header(): void {
    this.#headerSent = true;
    this.send({ kind: 'header', from: this.#domain, id: this.#host.identifiers.hex(16) });
  }

  /** The client opens a new stream on the connection; it gets a new header. */
  restart(): void {
    this.#headerSent = false;
  }

  /** A stream error, after our header if that is still to come (RFC 6120 §4.9.1.2). */
  fail(condition: StreamErrorCondition, reason: string): void {
    if (!this.isLive) return;
    if (!this.#headerSent) this.header();
    this.#listener.failed(condition, reason);
    this.refuse({ kind: 'streamError', condition }, `${condition}: ${reason}`);
  }

  /** Sends the refusal, and closes a moment later. */
  refuse(frame: ServerFrame, reason: string): void {
    this.#refusal = reason;
    this.send(frame);
    this.#output.flush();
    this.go('refuse');
    this.#host.schedule.after(REFUSAL_TO_CLOSE_MS, () => this.close(reason));
  }

  freeze(): void {
    this.#output.flush();
    this.go('freeze');
    this.#link.freeze();
  }

  /** Ends the stream as CCS does: the closing tag, then the socket. */
  close(reason: string): void {
    if (this.#state === 'closed') return;
    if (this.#state !== 'halfOpen') this.#write({ kind: 'footer' });
    this.#finish('end', reason);
    this.#link.end();
  }

  reset(reason: string): void {
    this.#finish('end', reason);
    this.#link.reset();
  }

  /** The socket is gone. */
  lost(reason: string): void {
    this.#finish('lost', reason);
  }

  #write(frame: ServerFrame): void {
    this.#output.write(render(frame, this.#host.gcmForm()));
    this.#sent += 1;
  }

  #finish(event: 'end' | 'lost', reason: string): void {
    if (this.#state === 'closed') return;
    this.#output.flush();
    this.go(event);
    this.#listener.closed(this.#refusal ?? reason);
  }
}
