import type { Backend, BackendListener } from '../backend.ts';
import type { Stored } from '../devices/mailbox.ts';
import type { Clock } from '../time/clock.ts';
import type { Random } from '../time/random.ts';
import type { Schedule } from '../time/schedule.ts';
import { DownstreamHandler } from './downstream/downstream-handler.ts';
import type { ConnectionFault } from './downstream/plan.ts';
import { Senders } from './senders.ts';
import type { Link } from './session/link.ts';
import type { SessionHost } from './session/session-host.ts';
import { Session } from './session/session.ts';
import { Sessions } from './sessions.ts';
import type { ClientStanza } from './stanzas/client-stanza.ts';
import { readPayload } from './stanzas/payload.ts';
import type { GcmForm } from './stanzas/server-frame.ts';
import { DeviceOutboxes } from './upstream/device-outboxes.ts';
import { UpstreamQueues } from './upstream/upstream-queues.ts';
import { UpstreamRecords } from './upstream/upstream-records.ts';
import { UpstreamStart } from './upstream/upstream-start.ts';
import type { XmlLimits } from './xml/xml-stream.ts';

export interface CcsOptions extends XmlLimits {
  /** Server keys by sender id. */
  readonly senders: Readonly<Record<string, string>>;
  readonly loginTimeoutMs: number;
  readonly rememberedIds: number;
}

const FOREIGN_ACK = {
  code: '406',
  type: 'modify',
  condition: 'not-acceptable',
  text: 'Received acks for messages not sent over this connection',
}; // [log]

/** FCM's XMPP connection server, without its sockets. */
export class Ccs implements SessionHost<Session>, BackendListener {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly identifiers: Random;
  readonly xmlLimits: XmlLimits;
  readonly sessions = new Sessions();
  readonly outboxes: DeviceOutboxes;
  readonly upstream: UpstreamQueues;
  readonly upstreamRecords: UpstreamRecords;
  readonly #backend: Backend;
  readonly #downstream: DownstreamHandler;
  readonly #upstreamStart: UpstreamStart;
  readonly #senders: Senders;
  readonly #loginTimeoutMs: number;
  readonly #forms: Random;
  #cancelKeepalive: () => void = () => undefined;

  constructor(backend: Backend, options: CcsOptions) {
    const { clock, schedule, devices, events, historyLimit } = backend;
    const now = (): number => clock.now();
    this.clock = clock;
    this.schedule = schedule;
    this.identifiers = backend.random('identifiers');
    this.xmlLimits = options;
    this.#backend = backend;
    this.#senders = new Senders(options.senders);
    this.#loginTimeoutMs = options.loginTimeoutMs;
    this.#forms = backend.random('forms');
    const records = new UpstreamRecords({ events, historyLimit, now });
    const queues = new UpstreamQueues({ records, now, windowSize: () => backend.settings.upstreamWindow });
    this.upstreamRecords = records;
    this.upstream = queues;
    this.#upstreamStart = new UpstreamStart(
      schedule,
      () => backend.settings.upstreamDelayMs,
      (session) => queues.start(session),
    );
    this.outboxes = new DeviceOutboxes({
      devices,
      identifiers: backend.random('upstream'),
      now,
      queue: (message) => queues.add(message),
    });
    this.#downstream = new DownstreamHandler(backend, {
      rememberedIds: options.rememberedIds,
      applyToConnection: (session, fault) => this.#applyFault(session, fault),
    });
    backend.attach(this);
    this.#keepAlive();
  }

  open(link: Link): Session {
    const session = this.sessions.open((id) => new Session(id, link, this));
    this.#backend.events.emit(() => ({ type: 'connectionOpened', connection: session.id }));
    if (this.#loginTimeoutMs > 0) {
      this.schedule.after(this.#loginTimeoutMs, () => {
        if (session.senderId !== '' || session.state === 'closed') return;
        session.fail('connection-timeout', `no login within ${this.#loginTimeoutMs} ms`);
      });
    }
    return session;
  }

  drain(session: Session, closeAfterMs = this.#backend.settings.drainCloseMs): void {
    if (session.state !== 'bound') return;
    session.drain();
    this.#backend.events.emit(() => ({ type: 'connectionDraining', connection: session.id }));
    this.schedule.after(closeAfterMs, () => session.close('drained'));
  }

  // BackendListener

  delivered({ message, sender }: Stored, token: string): void {
    if (!this.#backend.settings.receipts || !message.receipt) return;
    this.clock.soon(() => this.outboxes.receipt(sender, message.messageId, token)); // after the ack
  }

  online(token: string): void {
    this.outboxes.online(token);
  }

  settingsChanged(): void {
    this.upstream.pump();
    this.#keepAlive();
  }

  reset(): void {
    for (const part of [this.upstream, this.upstreamRecords, this.outboxes, this.#downstream]) part.clear();
    this.sessions.clearCounters();
  }

  // SessionHost

  gcmForm(): GcmForm {
    const form = this.#backend.settings.gcmForm;
    if (form !== 'mixed') return form;
    return this.#forms.next() < 0.5 ? 'prefixed' : 'bare';
  }

  loginRefusal(session: Session, senderId: string, password: string): string | undefined {
    const refusal = this.#senders.refusal(senderId, password);
    if (refusal !== undefined) return refusal;
    const { faults, clock } = this.#backend;
    const byRule = faults.refusesLogin({ sender: senderId, connection: session.id }, clock.now());
    return byRule ? 'a rule refuses this login' : undefined;
  }

  authRefused(session: Session, senderId: string, reason: string): void {
    this.sessions.authRefused();
    const sender = this.#senders.forLog(senderId);
    this.#backend.events.emitRefusal(() => ({ type: 'authRefused', connection: session.id, sender, reason }));
  }

  failed(session: Session, condition: string, reason: string): void {
    this.#backend.events.emitRefusal(() => ({ type: 'streamError', connection: session.id, condition, reason }));
  }

  belowConnectionLimit(session: Session): boolean {
    return this.sessions.boundCount(session.senderId) < this.#backend.settings.connectionLimit;
  }

  bound(session: Session): void {
    this.sessions.bound(session);
    const { id: connection, senderId: sender } = session;
    this.#backend.events.emit(() => ({ type: 'connectionBound', connection, sender }));
    this.upstream.connected(session);
    this.#upstreamStart.bound(session);
  }

  sessionRequested(session: Session): void {
    this.#upstreamStart.sessionRequested(session);
  }

  message(session: Session, stanza: Extract<ClientStanza, { kind: 'message' }>): void {
    const payload = readPayload(stanza.payload);
    switch (payload.kind) {
      case 'downstream':
        return this.#downstream.handle({ session, stanza, payload });
      case 'unreadable':
        return this.#downstream.unreadable(session, stanza, payload.text);
      case 'ack':
        if (this.upstream.ack(session, payload.to, payload.messageId) === 'foreign')
          session.send(session.stanzaError(stanza.id, stanza.payload, FOREIGN_ACK));
        return;
      case 'badAck': {
        const { messageId, to: from, description } = payload;
        this.upstreamRecords.badAck();
        return session.send({ kind: 'nack', messageId, from, error: 'BAD_ACK', description });
      }
    }
  }

  closed(session: Session, reason: string, wasBound: boolean): void {
    this.sessions.closed(session, wasBound);
    this.#upstreamStart.closed(session);
    this.upstream.lost(session);
    this.#backend.events.emit(() => ({ type: 'connectionClosed', connection: session.id, reason }));
  }

  #applyFault(session: Session, fault: ConnectionFault): void {
    switch (fault.kind) {
      case 'close':
        return session.close('fault');
      case 'reset':
        return session.reset('fault');
      case 'halfOpen':
        return session.freeze();
      case 'drain':
        return this.drain(session);
    }
  }

  /** Sends white-space keepalives on every connection, from now on at the current interval. */
  #keepAlive(): void {
    const { keepaliveMs } = this.#backend.settings;
    this.#cancelKeepalive();
    if (keepaliveMs === 0) return;
    this.#cancelKeepalive = this.schedule.after(keepaliveMs, () => {
      for (const session of this.sessions.list())
        if (session.state === 'bound' || session.state === 'draining') session.send({ kind: 'keepalive' });
      this.#keepAlive();
    });
  }
}
