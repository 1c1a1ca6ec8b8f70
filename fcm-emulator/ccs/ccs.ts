import type { ServerOptions, Settings } from '../options.ts';
import type { Link } from '../session/link.ts';
import type { SessionHost } from '../session/session-host.ts';
import { Session } from '../session/session.ts';
import type { ClientStanza } from '../wire/client-stanza.ts';
import type { GcmForm } from '../wire/frames.ts';
import { readPayload } from '../wire/payload.ts';
import type { Clock } from '../time/clock.ts';
import { Delivery } from '../devices/delivery.ts';
import { Devices, type DeviceSpec } from '../devices/devices.ts';
import { DownstreamDesk } from './downstream.ts';
import { Events } from '../devices/events.ts';
import { Faults } from '../faults/faults.ts';
import { History } from '../devices/history.ts';
import type { Stored } from '../devices/mailbox.ts';
import type { ConnectionFault } from '../faults/plan.ts';
import { random, type Random } from '../time/random.ts';
import { Schedule } from '../time/schedule.ts';
import { Senders } from './senders.ts';
import { UpstreamDesk } from './upstream-desk.ts';
import { UpstreamStart } from './upstream-start.ts';
import { UpstreamQueues } from './upstream.ts';

const FOREIGN_ACK = {
  code: '406',
  type: 'modify',
  condition: 'not-acceptable',
  text: 'Received acks for messages not sent over this connection',
}; // [log]

/** The server without its sockets: composition of the parts, and what a session may ask of them. */
export class Ccs implements SessionHost {
  readonly clock: Clock;
  readonly identifiers: Random;
  readonly xmlLimits: { readonly maxStanzaLength: number; readonly maxDepth: number };
  readonly schedule: Schedule;
  readonly heartbeatMs: number;
  readonly events: Events;
  readonly devices = new Devices();
  readonly faults: Faults;
  readonly history: History;
  readonly delivery: Delivery;
  readonly upstream: UpstreamQueues;
  readonly upstreamDesk: UpstreamDesk;
  readonly #downstream: DownstreamDesk;
  readonly #upstreamStart: UpstreamStart;
  readonly #options: ServerOptions;
  readonly #senders: Senders;
  readonly #initial: Settings;
  readonly #forms: Random;
  readonly #sessions = new Map<string, Session>();
  readonly #bound = new Map<string, number>(); // connections by sender
  #settings: Settings;
  #cancelKeepalive: () => void = () => undefined;
  #opened = 0;
  #closed = 0;
  #authRefused = 0;
  #highestPending = 0;

  constructor(options: ServerOptions, settings: Settings, clock: Clock) {
    const stream = (concern: string): Random => random(options.seed, concern);
    this.#options = options;
    this.#senders = new Senders(options.senders);
    this.#settings = this.#initial = settings;
    this.clock = clock;
    this.identifiers = stream('identifiers');
    this.#forms = stream('forms');
    this.xmlLimits = options;
    this.heartbeatMs = options.heartbeatMs;
    const now = (): number => clock.now();
    const current = (): Settings => this.#settings;
    this.schedule = new Schedule(clock);
    this.events = new Events(now);
    this.faults = new Faults(stream('rules'));
    this.history = new History(options.historyLimit);
    const { devices, events, schedule, faults, history } = this;
    this.upstream = new UpstreamQueues({
      events,
      historyLimit: options.historyLimit,
      now,
      window: () => this.#settings.upstreamWindow,
    });
    const begin = (session: Session): void => this.upstream.begin(session);
    this.#upstreamStart = new UpstreamStart(schedule, () => this.#settings.upstreamDelayMs, begin);
    this.upstreamDesk = new UpstreamDesk({ devices, queues: this.upstream, identifiers: stream('upstream'), now });
    const delivered = (stored: Stored, token: string): void => this.#delivered(stored, token);
    this.delivery = new Delivery({
      devices,
      events,
      schedule,
      historyLimit: options.historyLimit,
      settings: current,
      now,
      delivered,
    });
    this.#downstream = new DownstreamDesk({
      devices,
      delivery: this.delivery,
      faults,
      history,
      events,
      schedule,
      random: stream('answers'),
      rememberedIds: options.rememberedIds,
      settings: current,
      now,
      break: (session, fault) => this.#break(session, fault),
    });
    this.#keepalive();
  }

  get settings(): Settings {
    return this.#settings;
  }

  get counters(): { opened: number; closed: number; open: number; authRefused: number; highestPending: number } {
    const highestPending = this.sessions().reduce(
      (highest, { counts }) => Math.max(highest, counts.highestPending),
      this.#highestPending,
    );
    return {
      opened: this.#opened,
      closed: this.#closed,
      open: this.#sessions.size,
      authRefused: this.#authRefused,
      highestPending,
    };
  }

  sessions(): Session[] {
    return [...this.#sessions.values()];
  }

  session(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  change(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.upstream.pump();
    this.#keepalive();
  }

  /** Everything but the connections is as at the start. */
  reset(): void {
    this.#settings = this.#initial;
    for (const part of [
      this.devices,
      this.faults,
      this.history,
      this.delivery,
      this.upstream,
      this.upstreamDesk,
      this.#downstream,
    ])
      part.clear();
    this.#opened = this.#closed = this.#authRefused = this.#highestPending = 0;
  }

  open(link: Link): Session {
    const session = new Session(`c${(this.#opened += 1)}`, link, this);
    this.#sessions.set(session.id, session);
    this.events.emit(() => ({ type: 'connectionOpened', connection: session.id }));
    if (this.#options.loginTimeoutMs > 0) {
      this.schedule.after(this.#options.loginTimeoutMs, () => {
        if (session.senderId !== '' || session.state === 'closed') return;
        session.fail('connection-timeout', `no login within ${this.#options.loginTimeoutMs} ms`);
      });
    }
    return session;
  }

  /** No timer of ours is left. */
  stop(): void {
    this.schedule.close();
  }

  #keepalive(): void {
    const { keepaliveMs } = this.#settings;
    this.#cancelKeepalive();
    if (keepaliveMs === 0) return;
    this.#cancelKeepalive = this.schedule.after(keepaliveMs, () => {
      this.#sendKeepalives();
      this.#keepalive();
    });
  }

  #sendKeepalives(): void {
    for (const session of this.#sessions.values())
      if (session.state === 'bound' || session.state === 'draining') session.send({ kind: 'keepalive' });
  }

  drain(session: Session, closeAfterMs = this.#settings.drainCloseMs): void {
    if (session.state !== 'bound') return;
    session.drain();
    this.events.emit(() => ({ type: 'connectionDraining', connection: session.id }));
    this.schedule.after(closeAfterMs, () => session.close('drained'));
  }

  putDevice(token: string, spec: DeviceSpec): void {
    this.devices.put(token, spec);
    if (!spec.online) return;
    this.delivery.online(token);
    this.upstreamDesk.online(token);
  }

  gcmForm(): GcmForm {
    const form = this.#settings.gcmForm;
    if (form !== 'mixed') return form;
    return this.#forms.next() < 0.5 ? 'prefixed' : 'bare';
  }

  objection(session: Session, senderId: string, password: string): string | undefined {
    const objection = this.#senders.objection(senderId, password);
    if (objection !== undefined) return objection;
    const byRule = this.faults.refusesAuth({ sender: senderId, connection: session.id }, this.clock.now());
    return byRule ? 'a rule refuses this login' : undefined;
  }

  refused(session: Session, sender: string, reason: string): void {
    this.#authRefused += 1;
    const shown = this.#senders.shown(sender);
    this.events.emitRefusal(() => ({ type: 'authRefused', connection: session.id, sender: shown, reason }));
  }

  failed(session: Session, condition: string, reason: string): void {
    this.events.emitRefusal(() => ({ type: 'streamError', connection: session.id, condition, reason }));
  }

  admits(session: Session): boolean {
    return (this.#bound.get(session.senderId) ?? 0) < this.#settings.connectionLimit;
  }

  bound(session: Session): void {
    this.#bound.set(session.senderId, (this.#bound.get(session.senderId) ?? 0) + 1);
    this.events.emit(() => ({ type: 'connectionBound', connection: session.id, sender: session.senderId }));
    this.upstream.connected(session);
    this.#upstreamStart.bound(session);
  }

  sessionAsked(session: Session): void {
    this.#upstreamStart.sessionAsked(session);
  }

  message(session: Session, stanza: Extract<ClientStanza, { kind: 'message' }>): void {
    const payload = readPayload(stanza.payload);
    switch (payload.kind) {
      case 'downstream':
        return this.#downstream.take(session, stanza, payload);
      case 'unreadable':
        return this.#downstream.unreadable(session, stanza, payload.text);
      case 'ack':
        if (this.upstream.ack(session, payload.to, payload.messageId) === 'foreign')
          session.send(session.stanzaError(stanza.id, stanza.payload, FOREIGN_ACK));
        return;
      case 'badAck':
        this.upstream.counters.badAcks += 1;
        return session.send({
          kind: 'nack',
          messageId: payload.messageId,
          from: payload.to,
          error: 'BAD_ACK',
          description: payload.description,
        });
    }
  }

  closed(session: Session, reason: string, wasBound: boolean): void {
    this.#sessions.delete(session.id);
    this.#closed += 1;
    this.#highestPending = Math.max(this.#highestPending, session.counts.highestPending);
    if (wasBound) this.#bound.set(session.senderId, (this.#bound.get(session.senderId) ?? 1) - 1);
    this.#upstreamStart.closed(session);
    this.upstream.lost(session);
    this.events.emit(() => ({ type: 'connectionClosed', connection: session.id, reason }));
  }

  #break(session: Session, fault: ConnectionFault): void {
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

  #delivered({ message, sender }: Stored, token: string): void {
    if (!this.#settings.receipts || !message.receipt) return;
    this.clock.soon(() => this.upstreamDesk.receipt(sender, message.messageId, token)); // after the ack
  }
}
