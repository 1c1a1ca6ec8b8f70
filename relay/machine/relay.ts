import type { Priority } from '../protocol/legacy/message.ts';
import { Agenda } from './turn/agenda.ts';
import { Answers } from './answers.ts';
import type { RelayConfig } from './turn/config.ts';
import type { ConnectionState } from './links/connection.ts';
import type { Purpose } from './turn/note.ts';
import { Downstream } from './downstream.ts';
import { DELIVERY_STATES, type DeliveryState } from './delivery/delivery-table.ts';
import type { Effect } from './turn/effect.ts';
import type { Input } from './turn/input.ts';
import { Pool } from './links/pool.ts';
import type { Shared } from './turn/shared.ts';
import type { LinkReport } from '../model/link.ts';
import type { Hashes } from '../model/token-hash.ts';
import { Turn } from './turn/turn.ts';
import { Upstream } from './upstream.ts';

const PRUNE_EVERY_MS = 60_000;

export interface RelayParts extends Hashes {
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** What the relay holds right now, for health and metrics. */
export interface RelayStatus {
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  readonly connections: readonly {
    readonly id: string;
    readonly purpose: Purpose;
    readonly state: ConnectionState;
    readonly pending: number;
  }[];
  readonly publishing: number;
  readonly credentialsRefused: boolean;
  /** FCM answers nothing but "later": one message at a time is sent, to see when that ends. */
  readonly breakerOpen: boolean;
}

/**
 * The relay machine: inputs in, effects out. No clock, no randomness, no I/O, so the same inputs give the same effects.
 * It starts with no connection; the first turn opens them.
 */
export class Relay {
  readonly #turn: Turn;
  readonly #agenda = new Agenda();
  readonly #pool: Pool;
  readonly #downstream: Downstream;
  readonly #upstream: Upstream;
  readonly #answers: Answers;
  readonly #awayLimitMs: number;
  #wakeAtMs = Infinity;
  #stopping = false;
  /** No connection has been open for a while. */
  #away = false;
  #drained = false;

  constructor(config: RelayConfig, { random, hash, previousHash }: RelayParts) {
    this.#turn = new Turn(random);
    this.#awayLimitMs = config.awayLimitMs;
    const shared: Shared = { config, turn: this.#turn, agenda: this.#agenda, hash, previousHash };
    this.#pool = new Pool(shared, {
      lost: (...lost) => this.#downstream.lost(...lost),
      watched: (connection) => this.#downstream.watch(connection),
    });
    this.#downstream = new Downstream(shared, this.#pool);
    this.#upstream = new Upstream(shared);
    this.#answers = new Answers(this.#turn, this.#pool, this.#downstream, this.#upstream);
    this.#agenda.at(0, () => this.#prune());
  }

  /**
   * One turn: takes what happened, in order, then does what is due, then sends what there is room for.
   * @param nowMs milliseconds since 1970; may stand still, and a step back is harmless
   */
  on(inputs: readonly Input[], nowMs: number): Effect[] {
    this.#turn.nowMs = Math.max(this.#turn.nowMs, nowMs);
    for (const input of inputs) this.#take(input);
    this.#agenda.run(this.#turn.nowMs);
    this.#pool.fill();
    this.#checkAway();
    this.#downstream.sending.fill();
    this.#finish();
    return this.#turn.take();
  }

  status(): RelayStatus {
    const counts = DELIVERY_STATES.map((state) => [state, this.#downstream.count(state)] as const);
    return {
      deliveries: Object.fromEntries(counts) as Record<DeliveryState, number>,
      connections: [...this.#pool.all()].map(({ id, purpose, state, window }) => ({
        id,
        purpose,
        state,
        pending: window.size,
      })),
      publishing: this.#upstream.size,
      credentialsRefused: this.#pool.credentialsRefused,
      breakerOpen: this.#downstream.sending.breakerOpen,
    };
  }

  /** When the oldest message of the lane that is held here was accepted. */
  oldestAcceptedAtMs(lane: Priority): number | undefined {
    return this.#downstream.oldestAcceptedAtMs(lane);
  }

  #take(input: Input): void {
    switch (input.kind) {
      case 'pulled':
        return this.#downstream.pulled(input);
      case 'read':
        return this.#downstream.documents.found(input.messageId, input.stored);
      case 'written':
        return this.#downstream.documents.written(input.messageId, input.version);
      case 'conflicted':
        return this.#downstream.documents.conflicted(input.messageId);
      case 'storeFailed':
        return this.#downstream.documents.failed(input.messageId);
      case 'announced':
        return this.#downstream.announced(input.messageId);
      case 'announceFailed':
        return this.#downstream.announceFailed(input.messageId);
      case 'published':
        return this.#upstream.published(input.key);
      case 'publishFailed':
        return this.#upstream.publishFailed(input.key);
      case 'link':
        return this.#reported(input.connection, input.report);
      case 'woke':
        this.#wakeAtMs = Infinity; // the one asked for is used up
        return;
      case 'stop':
        return this.#stop(input.withinMs);
      default:
        return input satisfies never;
    }
  }

  #reported(id: string, report: LinkReport): void {
    const connection = this.#pool.get(id);
    if (connection !== undefined) this.#answers.report(connection, report); // else it was given up meanwhile
  }

  #prune(): void {
    this.#downstream.sending.prune();
    this.#downstream.delays.prune();
    this.#agenda.at(this.#turn.nowMs + PRUNE_EVERY_MS, () => this.#prune());
  }

  #checkAway(): void {
    const { noneOpenSinceMs } = this.#pool;
    const away = noneOpenSinceMs !== undefined && this.#turn.nowMs - noneOpenSinceMs >= this.#awayLimitMs;
    if (away === this.#away || this.#stopping) return;
    this.#away = away;
    this.#turn.emit({ kind: away ? 'pausePulls' : 'resumePulls' });
    if (away) this.#downstream.away();
    else this.#downstream.backAgain();
  }

  #stop(withinMs: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#agenda.at(this.#turn.nowMs + withinMs, () => this.#stopWaiting());
    this.#downstream.stop();
  }

  /** The time that a stop gives to answers is over. */
  #stopWaiting(): void {
    this.#upstream.stop();
    this.#downstream.handBackPending();
  }

  #finish(): void {
    if (this.#stopping && !this.#drained && this.#downstream.size === 0 && this.#upstream.size === 0) {
      this.#drained = true;
      this.#turn.emit({ kind: 'drained' });
      this.#pool.close();
    }
    const { nextMs } = this.#agenda;
    if (nextMs === undefined || nextMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = nextMs;
    this.#turn.emit({ kind: 'wake', atMs: nextMs });
  }
}
