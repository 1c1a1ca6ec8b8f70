import { DEFAULTS, type RelayConfig } from '../../../relay/core/config.ts';
import type { Effect } from '../../../relay/core/effect.ts';
import type { Input } from '../../../relay/core/input.ts';
import { Relay } from '../../../relay/core/relay.ts';
import type { MessageRecord } from '../../../relay/core/record.ts';
import type { DownstreamMessage } from '../../../relay/protocol/message.ts';
import { SimulatedCcs, type Line, type Misbehaviour } from './ccs.ts';
import { Clock } from './clock.ts';
import { Dice } from './dice.ts';
import { Documents, Events, Queue, type QueueEntry } from './far-ends.ts';

export interface Trouble extends Misbehaviour {
  readonly storeFails: number;
  readonly publishFails: number;
  /** Mean time between such events, over all connections or workers; 0: never. */
  readonly resetEveryMs: number;
  readonly drainEveryMs: number;
  readonly halfOpenEveryMs: number;
  readonly killEveryMs: number;
  /** SIGTERM to one worker while the next one starts. */
  readonly rolloutEveryMs: number;
}

export const CALM: Trouble = {
  retryNack: 0, refuse: 0, rateNack: 0, answerTwice: 0, noAnswer: 0, latencyMs: 20,
  storeFails: 0, publishFails: 0, resetEveryMs: 0, drainEveryMs: 0, halfOpenEveryMs: 0, killEveryMs: 0, rolloutEveryMs: 0,
};

const LEASE_MS = 60_000;
const HOLD = 200;

/** A worker without I/O: the real machine, its effects performed in virtual time. */
class SimulatedWorker {
  readonly #world: World;
  readonly relay: Relay;
  readonly #leases = new Map<number, QueueEntry>();
  readonly #lines = new Map<string, Line>();
  #lastLease = 0;
  #stopping = false;
  alive = true;
  drained = false;

  constructor(world: World, config: RelayConfig) {
    this.#world = world;
    this.relay = new Relay(config, { random: world.dice.next, hash: (text) => `hash(${text})` });
    this.feed({ kind: 'woke' });
    this.#pull();
  }

  feed(input: Input): void {
    if (!this.alive) return;
    for (const effect of this.relay.on(input, this.#world.clock.nowMs)) this.#perform(effect);
    this.#world.check(this.relay);
  }

  kill(): void {
    this.alive = false;
    for (const line of this.#lines.values()) this.#world.ccs.lose(line, 'failed');
  }

  stop(): void {
    this.#stopping = true;
    this.feed({ kind: 'stop', withinMs: 5_000 });
    this.#world.clock.after(9_000, () => {
      if (this.drained) return;
      this.#world.violations.push(`a stop took over 9 s: ${JSON.stringify(this.relay.status().deliveries)}`);
      this.kill();
    });
  }

  #pull(): void {
    if (!this.alive) return;
    if (this.#stopping) {
      for (const entry of this.#leases.values()) entry.leasedUntilMs = this.#world.clock.nowMs + LEASE_MS;
      if (!this.drained) this.#world.clock.after(1_000, () => this.#pull());
      return;
    }
    const { clock, queue, dice } = this.#world;
    while (this.#leases.size < HOLD) {
      const entry = queue.take(clock.nowMs, LEASE_MS);
      if (entry === undefined) break;
      const lease = ++this.#lastLease;
      this.#leases.set(lease, entry);
      this.feed({ kind: 'pulled', lease, lane: entry.queued.message.priority, queued: entry.queued, deliveryAttempt: entry.attempts });
    }
    for (const entry of this.#leases.values()) entry.leasedUntilMs = clock.nowMs + LEASE_MS; // kept while held
    clock.after(dice.between(5, 50), () => this.#pull());
  }

  #later(work: () => Input): void {
    const { clock, dice } = this.#world;
    clock.after(dice.between(1, 30), () => this.feed(work()));
  }

  #perform(effect: Effect): void {
    const { documents, dice, clock, trouble, queue } = this.#world;
    switch (effect.kind) {
      case 'read': {
        const { messageId } = effect;
        const stored = documents.read(messageId);
        const failed = dice.chance(trouble.storeFails);
        return this.#later(() => (failed ? { kind: 'storeFailed', messageId } : { kind: 'read', messageId, stored }));
      }
      case 'create':
      case 'write':
        return this.#write(effect);
      case 'announce':
        return this.#publish(effect.events, { kind: 'announced', messageId: effect.messageId }, { kind: 'announceFailed', messageId: effect.messageId });
      case 'publish':
        return this.#publish([effect.event], { kind: 'published', key: effect.key }, { kind: 'publishFailed', key: effect.key });
      case 'ackLease': {
        const entry = this.#leases.get(effect.lease);
        if (entry !== undefined) entry.acked = true;
        this.#leases.delete(effect.lease);
        return;
      }
      case 'releaseLease': {
        const entry = this.#leases.get(effect.lease);
        if (entry !== undefined) queue.giveBack(entry, clock.nowMs);
        this.#leases.delete(effect.lease);
        return;
      }
      case 'send': {
        const line = this.#lines.get(effect.connection);
        if (line !== undefined) this.#world.ccs.sent(line, effect.json);
        return;
      }
      case 'connect':
        return this.#connect(effect.connection);
      case 'ping': {
        const line = this.#lines.get(effect.connection);
        if (line !== undefined && !line.halfOpen && line.alive) this.#later(() => ({ kind: 'heard', connection: effect.connection }));
        return;
      }
      case 'close':
      case 'destroy': {
        const line = this.#lines.get(effect.connection);
        if (line !== undefined) this.#world.ccs.lose(line, 'orderly');
        return;
      }
      case 'wake':
        return clock.after(effect.atMs - clock.nowMs, () => this.feed({ kind: 'woke' }));
      case 'note':
        return;
      case 'drained':
        this.drained = true;
        return;
    }
  }

  /** A write happens at a moment between being asked for and being answered; a failed one may have happened all the same. */
  #write(effect: Extract<Effect, { kind: 'create' | 'write' }>): void {
    const { documents, dice, clock, trouble } = this.#world;
    const { messageId } = effect;
    clock.after(dice.between(1, 20), () => {
      const fails = dice.chance(trouble.storeFails);
      const happens = !fails || dice.chance(0.5);
      const nowMs = clock.nowMs;
      let version;
      if (happens) version = effect.kind === 'create' ? documents.create(messageId, effect.record, nowMs) : documents.update(messageId, effect.version, effect.change, nowMs);
      const answer: Input = fails ? { kind: 'storeFailed', messageId } : version === undefined ? { kind: 'conflicted', messageId } : { kind: 'written', messageId, version };
      this.#later(() => answer);
    });
  }

  #publish(events: Extract<Effect, { kind: 'announce' }>['events'], done: Input, failed: Input): void {
    const fails = this.#world.dice.chance(this.#world.trouble.publishFails);
    this.#world.clock.after(this.#world.dice.between(1, 20), () => {
      if (!fails || this.#world.dice.chance(0.5)) this.#world.events.all.push(...events);
      this.#later(() => (fails ? failed : done));
    });
  }

  #connect(id: string): void {
    const { clock, dice, ccs } = this.#world;
    const line: Line = {
      name: `${this.#world.workers.length}/${id}`,
      deliver: (frame) => this.feed({ kind: 'frame', connection: id, frame }),
      end: (how) => this.feed({ kind: 'closed', connection: id, how, detail: 'simulated' }),
      pending: new Set(), unacked: new Set(), alive: true, halfOpen: false, drainSaid: false, drainHeard: false,
    };
    this.#lines.set(id, line);
    clock.after(dice.between(5, 50), () => {
      if (!this.alive || !line.alive) return;
      this.feed({ kind: 'opened', connection: id });
      ccs.opened(line);
    });
  }
}

/** Everything around the machine, in virtual time, from one seed. */
export class World {
  readonly clock = new Clock();
  readonly documents = new Documents();
  readonly queue = new Queue();
  readonly events = new Events();
  readonly dice: Dice;
  readonly ccs: SimulatedCcs;
  readonly workers: SimulatedWorker[] = [];
  readonly violations: string[] = [];
  readonly config: RelayConfig;
  trouble: Trouble;
  upstreamSent = 0;

  constructor(seed: number, trouble: Trouble, config: Partial<RelayConfig> = {}) {
    this.dice = new Dice(seed);
    this.trouble = trouble;
    this.config = { ...DEFAULTS, senderId: '1', holdLimit: HOLD, ...config };
    this.ccs = new SimulatedCcs(this.clock, this.dice, this.documents, trouble);
    this.ccs.isPublished = (id) => this.events.all.some((event) => event.type === 'fcm.upstream.received' && event.data.message_id === id);
  }

  start(): void {
    this.workers.push(new SimulatedWorker(this, this.config));
    this.#every('resetEveryMs', () => this.#someLine((line) => this.ccs.lose(line, this.dice.pick(['orderly', 'failed']))));
    this.#every('drainEveryMs', () => this.#someLine((line) => this.ccs.drain(line)));
    this.#every('halfOpenEveryMs', () => this.#someLine((line) => (line.halfOpen = true)));
    this.#every('killEveryMs', () => this.restart());
    this.#every('rolloutEveryMs', () => this.rollout());
  }

  /** kill -9, and a new one. */
  restart(): void {
    this.workers.at(-1)?.kill();
    this.workers.push(new SimulatedWorker(this, this.config));
  }

  /** A new worker starts while the old one drains. */
  rollout(): void {
    const old = this.workers.at(-1);
    this.workers.push(new SimulatedWorker(this, this.config));
    old?.stop();
  }

  accept(message: DownstreamMessage): void {
    const nowMs = this.clock.nowMs;
    const record: MessageRecord = {
      state: 'queued', target: { kind: 'topic', topic: 't' }, priority: message.priority, timeToLiveSeconds: message.time_to_live,
      attempts: 0, createdAtMs: nowMs, updatedAtMs: nowMs, expireAtMs: nowMs + 1e10,
    };
    this.documents.create(message.message_id, record, nowMs);
    this.queue.add({ senderId: '1', acceptedAtMs: nowMs, message });
  }

  sendUpstream(): void {
    this.ccs.upstream(`up-${++this.upstreamSent}`);
  }

  calmDown(): void {
    this.trouble = { ...CALM };
    this.ccs.misbehaviour = this.trouble;
  }

  /** Everything accepted is settled and acked, everything upstream is published and acked. */
  isQuiet(): boolean {
    return this.queue.isEmpty && this.ccs.upstreamAcked.size === this.upstreamSent;
  }

  check(relay: Relay): void {
    for (const { id, pending } of relay.status().connections) {
      if (pending > this.config.pendingLimit) this.violations.push(`${id}: ${pending} pending`);
    }
  }

  #someLine(act: (line: Line) => void): void {
    if (this.ccs.lines.size > 0) act(this.dice.pick([...this.ccs.lines]));
  }

  #every(which: Extract<keyof Trouble, `${string}EveryMs`>, act: () => void): void {
    const meanMs = this.trouble[which];
    if (meanMs === 0) return;
    this.clock.after(this.dice.between(0, 2 * meanMs), () => {
      if (this.trouble[which] > 0) act();
      this.#every(which, act);
    });
  }
}
