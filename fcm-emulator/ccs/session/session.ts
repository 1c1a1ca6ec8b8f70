import { readStanza, type ClientStanza, type IqRequest } from '../stanzas/client-stanza.ts';
import type { IqHead, ServerFrame, StanzaErrorBody, StreamErrorCondition } from '../stanzas/server-frame.ts';
import { NS, type Element } from '../xml/element.ts';
import { utf8Reader } from '../xml/utf8-reader.ts';
import { XmlError } from '../xml/xml-error.ts';
import { XmlStream } from '../xml/xml-stream.ts';
import type { Link } from './link.ts';
import type { PendingCounts } from './output-buffer.ts';
import { readAuth } from './sasl.ts';
import { ServerStream } from './server-stream.ts';
import type { SessionHost } from './session-host.ts';
import type { StreamState } from './stream-table.ts';

export interface SessionCounts extends PendingCounts {
  readonly received: number;
  readonly sent: number;
}

const headOf = ({ id, to }: IqRequest): IqHead => ({ id, from: to });

/** One client connection: bytes in, text out through its link. It has neither a socket nor a timer of its own. */
export class Session {
  readonly id: string;
  readonly openedAt: number;
  readonly #host: SessionHost<Session>;
  readonly #read = utf8Reader();
  readonly #xml: XmlStream;
  readonly #stream: ServerStream;
  #senderId = '';
  #domain = '';
  #jid = '';
  #wasBound = false;
  #received = 0;

  constructor(id: string, link: Link, host: SessionHost<Session>) {
    this.id = id;
    this.openedAt = host.clock.now();
    this.#host = host;
    this.#stream = new ServerStream(host, link, {
      failed: (condition, reason) => host.failed(this, condition, reason),
      closed: (reason) => host.closed(this, reason, this.#wasBound),
    });
    this.#xml = new XmlStream(host.xmlLimits, {
      opened: (root) => this.#opened(root),
      stanza: (element) => this.#stanza(readStanza(element)),
      closed: () => this.#closedByClient(),
    });
  }

  get state(): StreamState {
    return this.#stream.state;
  }

  /** Empty until the client has logged in. */
  get senderId(): string {
    return this.#senderId;
  }

  get counts(): SessionCounts {
    const { sent, ...pending } = this.#stream.counts;
    return { ...pending, received: this.#received, sent };
  }

  /** The `to` of upstream messages. */
  get upstreamAddress(): string {
    return `${this.#senderId}@${this.#domain}`;
  }

  receive(bytes: Buffer): void {
    if (!this.#stream.isLive) return;
    try {
      const { text, malformed } = this.#read(bytes);
      this.#xml.write(text);
      if (malformed) this.fail('unsupported-encoding', 'not UTF-8');
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      this.fail(error.code, error.message);
    }
  }

  /** The socket is gone. */
  lost(reason: string): void {
    this.#stream.lost(reason);
  }

  send(frame: ServerFrame): void {
    this.#stream.send(frame);
  }

  /** A downstream message has come in and is pending until its answer is written. Returns how many are. */
  admit(): number {
    return this.#stream.admit();
  }

  /** Sends the answer to an admitted message. */
  answer(frame: ServerFrame): void {
    this.#stream.answer(frame);
  }

  stanzaError(id: string | undefined, payload: string | undefined, error: StanzaErrorBody): ServerFrame {
    return { kind: 'stanzaError', id, to: this.#jid, payload, error };
  }

  drain(): void {
    this.#stream.go('drain');
    this.send({ kind: 'control', controlType: 'CONNECTION_DRAINING' });
  }

  freeze(): void {
    this.#stream.freeze();
  }

  close(reason: string): void {
    this.#stream.close(reason);
  }

  reset(reason: string): void {
    this.#stream.reset(reason);
  }

  /** Ends the stream with an error. `reason`: for the log. */
  fail(condition: StreamErrorCondition, reason: string): void {
    this.#stream.fail(condition, reason);
  }

  #closedByClient(): void {
    if (this.state !== 'ending') this.close('client closed the stream');
  }

  #opened(root: Element): void {
    this.#stream.requested(root.attributes['to']);
    if (root.local !== 'stream' || root.namespace !== NS.stream) {
      return this.fail('invalid-namespace', `the root is not <stream:stream> of ${NS.stream}`);
    }
    if (!this.#stream.permits('header')) return;
    this.#stream.header();
    this.#stream.go('header');
    this.send({ kind: this.state === 'binding' ? 'features' : 'mechanisms' });
  }

  #stanza(stanza: ClientStanza): void {
    if (!this.#stream.isLive) return; // came in the same read, after the end
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
    if (!this.#stream.permits('message')) return;
    this.#received += 1;
    this.#host.message(this, stanza);
  }

  #session(head: IqHead): void {
    if (!this.#stream.permits('iq')) return;
    this.send({ kind: 'iqResult', ...head });
    if (this.#wasBound) this.#host.sessionRequested(this);
  }

  #iq(frame: ServerFrame): void {
    if (this.#stream.permits('iq')) this.send(frame);
  }

  #auth(mechanism: string, response: string): void {
    if (!this.#stream.permits('accepted')) return;
    const auth = readAuth({ mechanism, response }, this.#stream.domain);
    if (auth.kind === 'refused') return this.#refuseLogin(auth.condition, auth.reason);
    const { senderId, domain, password } = auth;
    const refusal = this.#host.loginRefusal(this, senderId, password);
    if (refusal !== undefined) return this.#refuseLogin('not-authorized', refusal, senderId);
    this.#senderId = senderId;
    this.#domain = domain;
    this.send({ kind: 'success' });
    this.#stream.go('accepted');
    this.#stream.restart();
    this.#xml.restart();
  }

  #refuseLogin(condition: string, reason: string, senderId = ''): void {
    this.#host.authRefused(this, senderId, reason);
    this.#stream.refuse({ kind: 'failure', condition }, `authentication failed: ${condition}: ${reason}`);
  }

  #bind(head: IqHead, resource: string | undefined): void {
    if (!this.#stream.permits('bind')) return;
    const suffix = this.#host.identifiers.hex(8); // always appended, so two connections never share a JID
    this.#jid = `${this.#senderId}@${this.#domain}/${resource ?? ''}${suffix}`;
    if (!this.#host.belowConnectionLimit(this)) {
      return this.fail('resource-constraint', "this sender's connection limit is reached");
    }
    this.send({ kind: 'bound', ...head, jid: this.#jid });
    this.#stream.go('bind');
    this.#wasBound = true;
    this.#host.bound(this);
  }
}
