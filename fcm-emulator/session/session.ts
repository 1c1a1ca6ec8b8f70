import { readStanza, type ClientStanza, type IqRequest } from '../wire/client-stanza.ts';
import { NS, type Element } from '../wire/element.ts';
import { render, type CcsFrame, type IqHead, type StanzaErrorBody, type StreamErrorCondition } from '../wire/frames.ts';
import { Utf8Reader } from '../wire/utf8-reader.ts';
import { XmlError } from '../wire/xml-error.ts';
import { XmlStream } from '../wire/xml-stream.ts';
import type { Link } from './link.ts';
import { Outbox, type PendingCounts } from './outbox.ts';
import { readPlain } from './sasl.ts';
import type { SessionHost } from './session-host.ts';
import { STREAM_TABLE, type StreamEvent, type StreamState } from './stream-table.ts';

export interface SessionCounts extends PendingCounts {
  readonly received: number;
  readonly sent: number;
}

const WHAT_CAME: Partial<Record<StreamEvent, string>> = {
  header: 'a stream header',
  accepted: '<auth>',
  bind: 'a bind',
  iq: 'an iq',
  message: 'a message',
};

/**
 * Between a refusal and the closing tag. Clients that find both in one read take the end for a lost connection and
 * never look at the refusal; two writes in one turn of the loop are still one read on a busy machine.
 */
const LAST_WORDS_MS = 50;

const headOf = ({ id, to }: IqRequest): IqHead => ({ id, from: to });

/** One connection: bytes in, text out through its link; no socket and no timer of its own. */
export class Session {
  readonly id: string;
  readonly openedAt: number;
  readonly #host: SessionHost;
  readonly #link: Link;
  readonly #reader = new Utf8Reader();
  readonly #xml: XmlStream;
  readonly #outbox: Outbox;
  #state: StreamState = 'opening';
  #asked: string | undefined; // the `to` of the client's header
  #headerSent = false;
  #senderId = '';
  #jid = '';
  #domain = '';
  #wasBound = false;
  #refusal: string | undefined; // what ends it, whoever then is first to close the socket
  #received = 0;
  #sent = 0;

  constructor(id: string, link: Link, host: SessionHost) {
    this.id = id;
    this.openedAt = host.clock.now();
    this.#link = link;
    this.#host = host;
    this.#outbox = new Outbox(host.clock, (text) => link.send(text));
    this.#xml = new XmlStream(host.xmlLimits, {
      opened: (root) => this.#opened(root),
      stanza: (element) => this.#stanza(readStanza(element)),
      closed: () => this.#closedByClient(),
    });
  }

  get state(): StreamState {
    return this.#state;
  }

  get senderId(): string {
    return this.#senderId;
  }

  get counts(): SessionCounts {
    return { ...this.#outbox.counts, received: this.#received, sent: this.#sent };
  }

  receive(bytes: Buffer): void {
    if (!this.#reads()) return;
    try {
      const { text, broken } = this.#reader.read(bytes);
      this.#xml.write(text);
      if (broken) this.fail('unsupported-encoding', 'not UTF-8');
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      this.fail(error.code, error.message);
    }
  }

  /** The socket is gone. */
  lost(reason: string): void {
    this.#finish('lost', reason);
  }

  send(frame: CcsFrame): void {
    if (!this.#reads()) return;
    this.#write(frame);
  }

  /** A downstream message has come in: it is pending until its answer is out. */
  admit(): number {
    return this.#outbox.admit();
  }

  /** The answer to an admitted message. */
  answer(frame: CcsFrame): void {
    this.send(frame);
    this.#outbox.settle();
  }

  stanzaError(id: string | undefined, payload: string | undefined, error: StanzaErrorBody): CcsFrame {
    return { kind: 'stanzaError', id, to: this.#jid, payload, error };
  }

  upstreamAddress(): string {
    return `${this.#senderId}@${this.#domain}`;
  }

  drain(): void {
    this.#go('drain');
    this.send({ kind: 'control', controlType: 'CONNECTION_DRAINING' });
  }

  freeze(): void {
    this.#outbox.flush();
    this.#go('freeze');
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

  /** A stream error; needs our header before it (RFC 6120 §4.9.1.2). `reason` is for the log. */
  fail(condition: StreamErrorCondition, reason: string): void {
    if (!this.#reads()) return;
    if (!this.#headerSent) this.#header();
    this.#host.failed(this, condition, reason);
    this.#lastWords({ kind: 'streamError', condition }, `${condition}: ${reason}`);
  }

  /** Says it, and closes a moment later. */
  #lastWords(frame: CcsFrame, reason: string): void {
    this.#refusal = reason;
    this.send(frame);
    this.#outbox.flush();
    this.#go('refuse');
    this.#host.schedule.after(LAST_WORDS_MS, () => this.close(reason));
  }

  #reads(): boolean {
    return this.#state !== 'closed' && this.#state !== 'halfOpen' && this.#state !== 'ending';
  }

  #write(frame: CcsFrame): void {
    this.#outbox.write(render(frame, this.#host.gcmForm()));
    this.#sent += 1;
  }

  #go(event: StreamEvent): void {
    const next = STREAM_TABLE[this.#state][event];
    if (next === undefined) throw new Error(`no ${event} in state ${this.#state}`);
    this.#state = next;
  }

  #finish(event: 'end' | 'lost', reason: string): void {
    if (this.#state === 'closed') return;
    this.#outbox.flush();
    this.#go(event);
    this.#host.closed(this, this.#refusal ?? reason, this.#wasBound);
  }

  /** True when the client may do that now; otherwise the stream ends (protocol §1: messages only after bind). */
  #allowed(event: StreamEvent): boolean {
    if (STREAM_TABLE[this.#state][event] !== undefined) return true;
    if (this.#reads()) this.fail('not-authorized', `${WHAT_CAME[event] ?? event} in state ${this.#state}`);
    return false;
  }

  #closedByClient(): void {
    if (this.#state !== 'ending') this.close('client closed the stream');
  }

  #header(): void {
    this.#headerSent = true;
    this.send({ kind: 'header', from: this.#asked, id: this.#host.identifiers.hex(16) });
  }

  #opened(root: Element): void {
    this.#asked = root.attributes['to'];
    if (root.local !== 'stream' || root.namespace !== NS.stream) {
      return this.fail('invalid-namespace', `the root is not <stream:stream> of ${NS.stream}`);
    }
    if (!this.#allowed('header')) return;
    this.#header();
    this.#go('header');
    this.send({ kind: this.#state === 'binding' ? 'features' : 'mechanisms' });
  }

  #stanza(stanza: ClientStanza): void {
    if (!this.#reads()) return; // what came in the same read after the end
    switch (stanza.kind) {
      case 'auth':
        return this.#auth(stanza.mechanism, stanza.response);
      case 'bind':
        return this.#bind(headOf(stanza), stanza.resource);
      case 'session':
        return this.#session(headOf(stanza));
      case 'ping':
        return this.#iq({ kind: 'iqResult', ...headOf(stanza) });
      case 'otherIq':
        return this.#iq({ kind: 'iqError', ...headOf(stanza), condition: 'service-unavailable' });
      case 'message':
        return this.#message(stanza);
      case 'ignored':
        return;
      case 'unsupported':
        return this.fail('unsupported-stanza-type', stanza.reason);
    }
  }

  #message(stanza: Extract<ClientStanza, { kind: 'message' }>): void {
    if (!this.#allowed('message')) return;
    this.#received += 1;
    this.#host.message(this, stanza);
  }

  #session(head: IqHead): void {
    if (!this.#allowed('iq')) return;
    this.send({ kind: 'iqResult', ...head });
    if (this.#wasBound) this.#host.sessionAsked(this);
  }

  #iq(frame: CcsFrame): void {
    if (this.#allowed('iq')) this.send(frame);
  }

  #auth(mechanism: string, response: string): void {
    if (!this.#allowed('accepted')) return;
    if (mechanism !== 'PLAIN') {
      return this.#refuse('invalid-mechanism', `mechanism ${mechanism} is not played here, PLAIN is`);
    }
    const plain = readPlain(response, this.#asked);
    if (plain.kind === 'refused') return this.#refuse(plain.condition, plain.reason);
    const { senderId, domain, password } = plain;
    const objection = this.#host.objection(this, senderId, password);
    if (objection !== undefined) return this.#refuse('not-authorized', objection, senderId);
    this.#senderId = senderId;
    this.#domain = domain;
    this.send({ kind: 'success' });
    this.#go('accepted');
    this.#headerSent = false;
    this.#xml.restart();
  }

  #refuse(condition: string, reason: string, senderId = ''): void {
    this.#host.refused(this, senderId, reason);
    this.#lastWords({ kind: 'failure', condition }, `authentication failed: ${condition}: ${reason}`);
  }

  #bind(head: IqHead, resource: string | undefined): void {
    if (!this.#allowed('bind')) return;
    const suffix = this.#host.identifiers.hex(8); // always appended, so that two connections never share a JID
    this.#jid = `${this.#senderId}@${this.#domain}/${resource ?? ''}${suffix}`;
    if (!this.#host.admits(this)) {
      return this.fail('resource-constraint', 'this sender has as many connections as it may have');
    }
    this.send({ kind: 'bound', ...head, jid: this.#jid });
    this.#go('bind');
    this.#wasBound = true;
    this.#host.bound(this);
  }
}
