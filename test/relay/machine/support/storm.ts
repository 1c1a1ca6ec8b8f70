import { NOW_OR_NEVER_MS } from '../../../../relay/model/time-to-live.ts';
import type { Effect } from '../../../../relay/machine/turn/effect.ts';
import type { Input } from '../../../../relay/machine/turn/input.ts';
import type { StoredMessage, Version } from '../../../../relay/model/ports.ts';
import { isTerminal, type MessageRecord, type RecordChange } from '../../../../relay/model/record.ts';
import { reportOfNack, reportOfStanzaError } from '../../../../relay/adapters/xmpp/verdicts.ts';
import type { LinkReport } from '../../../../relay/model/link.ts';
import { NACK_CODES } from '../../../../relay/protocol/ccs/nack-codes.ts';
import { Dice } from '../../../../lab/simulation/dice.ts';
import { closing, Driver, type Pull } from './driver.ts';

/** Every registration token of a storm has this in it, and nothing else has. */
export const SECRET = 'SECRET';
const LIMIT = 5;

type Operation = Extract<Effect, { kind: 'read' | 'create' | 'write' | 'announce' | 'publish' }>;

/** Inputs of every kind in any order that a world could bring them in, and a judge of every effect. */
export class Storm {
  readonly violations: string[] = [];
  readonly #driver = new Driver({
    connections: 2,
    pendingLimit: LIMIT,
    holdLimit: 20,
    upstreamLimit: 5,
    upstreamMemory: 5,
    longestRestMs: 20_000,
  });
  readonly #dice: Dice;
  readonly #documents = new Map<string, StoredMessage>();
  readonly #operations: Operation[] = [];
  /** By connection: what was sent there and is not answered. */
  readonly #lines = new Map<string, Set<string>>();
  readonly #draining = new Set<string>();
  readonly #leases = new Map<number, 'held' | 'answered'>();
  readonly #messages = new Map<string, Pull & { to: string; time_to_live: number; acceptedAtMs: number }>();
  #version = 0;
  #pulled = 0;
  #drained = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#driver.observe = (effect) => {
      if (effect.kind === 'send') this.#checkTimeToLive(effect.message.messageId);
    };
    this.#feed(() => this.#driver.start());
  }

  run(steps: number): void {
    for (let n = 0; n < steps; n++) {
      this.#driver.random = this.#dice.next();
      this.#dice.pick([
        this.#pull,
        this.#operate,
        this.#operate,
        this.#operate,
        this.#connect,
        this.#say,
        this.#say,
        this.#say,
        this.#wait,
        this.#meddle,
      ])();
    }
  }

  /** A stop in good weather: everything that was begun comes to an end. */
  stop(): void {
    this.#feed(() => this.#driver.stop(5_000));
    for (let n = 0; n < 200 && this.#drained === 0; n++) {
      while (this.#operations.length > 0) this.#succeed(this.#operations.shift()!);
      this.#tell();
      this.#feed(() => this.#driver.pass(100));
    }
    if (this.#drained !== 1)
      this.violations.push(`drained ${this.#drained} times: ${JSON.stringify(this.#driver.counts)}`);
    for (const [lease, state] of this.#leases)
      if (state !== 'answered') this.violations.push(`lease ${lease} was not answered`);
  }

  readonly #pull = (): void => {
    const fresh = this.#pulled === 0 || this.#dice.chance(0.7);
    const id = fresh ? `m${++this.#pulled}` : `m${1 + Math.floor(this.#dice.next() * this.#pulled)}`;
    const message = this.#messages.get(id) ?? {
      to: `${SECRET}-${Math.floor(this.#dice.next() * 5)}`,
      time_to_live: this.#dice.pick([0, 60, 3_600]),
      acceptedAtMs: this.#driver.nowMs - this.#dice.pick([0, 10_000, 100_000]),
      priority: this.#dice.pick(['high', 'normal']),
    };
    this.#messages.set(id, message);
    if (fresh && this.#dice.chance(0.9)) this.#put(id, this.#driver.record());
    this.#feed(() => this.#leases.set(this.#driver.pull(id, { ...message, deliveryAttempt: fresh ? 1 : 2 }), 'held'));
  };

  /** One of the operations under way ends: well, badly, or badly though it happened. */
  readonly #operate = (): void => {
    const [operation] = this.#operations.splice(Math.floor(this.#dice.next() * this.#operations.length), 1);
    if (operation === undefined) return;
    if (this.#dice.chance(0.8)) return this.#succeed(operation);
    if (this.#dice.chance(0.5)) this.#perform(operation);
    if (operation.kind === 'publish') this.#input({ kind: 'publishFailed', key: operation.key });
    else
      this.#input({
        kind: operation.kind === 'announce' ? 'announceFailed' : 'storeFailed',
        messageId: operation.messageId,
      });
  };

  readonly #connect = (): void => {
    this.#tell();
    const connections = this.#driver.relay.status().connections;
    if (connections.length === 0) return;
    const { id, state } = this.#dice.pick(connections);
    if (state === 'connecting' && this.#dice.chance(0.8)) {
      this.#lines.set(id, new Set());
      this.#report(id, { kind: 'opened', limit: 100 });
    } else if (this.#dice.chance(0.2)) {
      this.#lines.delete(id);
      this.#input(...closing(id, this.#dice.pick(['orderly', 'failed', 'refusedCredentials']), 'storm'));
    }
  };

  readonly #say = (): void => {
    if (this.#lines.size === 0) return;
    const [connection, pending] = this.#dice.pick([...this.#lines]);
    const messageId =
      this.#dice.chance(0.9) && pending.size > 0
        ? this.#dice.pick([...pending])
        : `m${Math.ceil(this.#dice.next() * 50)}`;
    const report = this.#answer(messageId);
    if (report.kind === 'accepted' || report.kind === 'refused') pending.delete(messageId);
    if (report.kind === 'draining' || (report.kind === 'refused' && report.verdict === 'reroute'))
      this.#draining.add(connection);
    this.#report(connection, report);
  };

  #answer(messageId: string): LinkReport {
    const token = this.#messages.get(messageId)?.to ?? `${SECRET}-unknown`;
    const description = `${this.#dice.pick(['Message with the same id has been received before', 'Invalid token'])}: ${token}`;
    const code = this.#dice.chance(0.1) ? `no code but ${token}` : this.#dice.pick([...NACK_CODES, 'NEW', '']);
    return this.#dice.pick<LinkReport>([
      { kind: 'accepted', messageId, ...(this.#dice.chance(0.2) && { canonicalToken: `${SECRET}-new` }) },
      reportOfNack({ kind: 'nack', messageId, error: code, description }),
      reportOfNack({ kind: 'nack', messageId, error: code, description }),
      reportOfStanzaError({
        kind: 'stanzaError',
        messageId,
        code: '400',
        condition: this.#dice.pick(['bad-request', 'resource-constraint']),
        text: description,
      }),
      {
        kind: 'upstream',
        messageId: `u${Math.floor(this.#dice.next() * 30)}`,
        from: `${SECRET}-device`,
        data: {},
        length: 0,
      },
      {
        kind: 'receipt',
        messageId: `dr2:${messageId}`,
        from: 'gcm.googleapis.com',
        data: { device_registration_id: token },
        length: 0,
      },
      ...(this.#dice.chance(0.1) ? [{ kind: 'draining' } as const] : []),
    ]);
  }

  readonly #wait = (): void => this.#feed(() => this.#driver.pass(this.#dice.pick([1, 50, 500, 1_500, 5_000, 12_000])));

  /** Another process writes a document: a worker, a DELETE, the sweep. */
  readonly #meddle = (): void => {
    if (this.#documents.size === 0 || this.#dice.chance(0.5)) return;
    const [id, { record }] = this.#dice.pick([...this.#documents]);
    if (isTerminal(record.state)) return;
    const settledAtMs = this.#driver.nowMs;
    this.#put(id, {
      ...record,
      ...this.#dice.pick<Partial<MessageRecord>>([
        { state: 'sent', attempts: 1 },
        { state: 'acked', settledAtMs },
        { state: 'dead', settledAtMs },
        { cancelRequestedAtMs: settledAtMs },
      ]),
    });
  };

  #succeed(operation: Operation): void {
    const answer = this.#perform(operation);
    this.#input(answer);
  }

  #perform(operation: Operation): Input {
    if (operation.kind === 'publish') return { kind: 'published', key: operation.key };
    const { messageId } = operation;
    const stored = this.#documents.get(messageId);
    switch (operation.kind) {
      case 'announce':
        return { kind: 'announced', messageId };
      case 'read':
        return { kind: 'read', messageId, stored };
      case 'create':
        return stored === undefined
          ? { kind: 'written', messageId, version: this.#put(messageId, operation.record) }
          : { kind: 'conflicted', messageId };
      case 'write':
        if (stored?.version !== operation.version) return { kind: 'conflicted', messageId };
        if (isTerminal(stored.record.state)) this.violations.push(`${messageId}: settled, and changed after that`);
        return { kind: 'written', messageId, version: this.#put(messageId, merged(stored.record, operation.change)) };
    }
  }

  #put(id: string, record: MessageRecord): Version {
    const version = `s${++this.#version}` as Version;
    this.#documents.set(id, { record, version });
    return version;
  }

  #report(connection: string, report: LinkReport): void {
    this.#input({ kind: 'link', connection, report });
  }

  #input(...inputs: Input[]): void {
    this.#driver.before.push(...inputs);
    if (this.#dice.chance(0.5)) this.#tell(); // else it is one turn with what comes next
  }

  #tell(): void {
    this.#feed(() => this.#driver.feed());
  }

  #feed(act: () => void): void {
    act();
    const { effects } = this.#driver;
    this.#driver.forget();
    for (const effect of effects) this.#judge(effect);
  }

  #judge(effect: Effect): void {
    if (
      !['send', 'ackUpstream', 'announce', 'publish'].includes(effect.kind) &&
      JSON.stringify(effect).includes(SECRET)
    )
      this.violations.push(`a token in ${JSON.stringify(effect)}`);
    switch (effect.kind) {
      case 'read':
      case 'create':
      case 'write':
      case 'announce':
        if (this.#operations.some((other) => other.kind !== 'publish' && other.messageId === effect.messageId))
          this.violations.push(`${effect.messageId}: two operations at a time`);
        this.#operations.push(effect);
        return;
      case 'publish':
        this.#operations.push(effect);
        return;
      case 'send':
        return this.#sent(effect);
      case 'ackUpstream':
        if (!this.#lines.has(effect.connection))
          this.violations.push(`acked on ${effect.connection}, which is not open`);
        return;
      case 'ackLease':
      case 'releaseLease':
        if (this.#leases.get(effect.lease) === 'answered')
          this.violations.push(`lease ${effect.lease} was answered twice`);
        this.#leases.set(effect.lease, 'answered');
        return;
      case 'destroy':
        this.#lines.delete(effect.connection);
        return;
      case 'drained':
        this.#drained++;
        return;
      default:
        return;
    }
  }

  #checkTimeToLive(id: string): void {
    const { acceptedAtMs, time_to_live: ttl } = this.#messages.get(id)!;
    if (this.#driver.nowMs >= acceptedAtMs + (ttl === 0 ? NOW_OR_NEVER_MS : ttl * 1_000))
      this.violations.push(`${id}: sent after its time to live`);
  }

  #sent({ connection, message: { messageId } }: Extract<Effect, { kind: 'send' }>): void {
    const line = this.#lines.get(connection);
    if (line === undefined) this.violations.push(`sent on ${connection}, which is not open`);
    if (this.#draining.has(connection)) this.violations.push(`${messageId}: sent on ${connection}, which drains`);
    line?.add(messageId);
    if (line !== undefined && line.size > LIMIT) this.violations.push(`${connection}: ${line.size} pending`);
  }
}

const merged = (record: MessageRecord, change: RecordChange): MessageRecord =>
  Object.fromEntries(
    Object.entries({ ...record, ...change }).filter(([, value]) => value !== undefined),
  ) as unknown as MessageRecord;
