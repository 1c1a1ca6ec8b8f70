import { fullJitterMs } from './backoff.ts';
import type { Agenda } from './agenda.ts';
import type { RelayConfig } from './config.ts';
import { CONNECTION_TABLE, newConnection, type Connection } from './connection.ts';
import type { Delivery } from './delivery.ts';
import type { CloseKind } from './input.ts';
import { step } from './table.ts';
import type { Shared } from './shared.ts';
import type { Turn } from './turn.ts';

/** How often a connection is looked at: for silence, and for answers that are slow. */
export const WATCH_MS = 200;

/** A connection that lived shorter counts as a failed attempt, however it ended: no hot loop against a server that greets and hangs up. */
const SHORT_LIFE_MS = 1_000;

/** After this share of the silence limit the far end is asked whether it lives. */
const PING_SHARE = 1 / 3;

/**
 * The connections of one sender: so many open ones as configured, beside any that drain. What was pending on a
 * connection that is lost goes to `onLost`.
 */
export class Pool {
  readonly #config: RelayConfig;
  readonly #turn: Turn;
  readonly #agenda: Agenda;
  readonly #onLost: (pending: readonly Delivery[]) => void;
  readonly #connections = new Map<string, Connection>();
  #made = 0;
  /** So many are open, or may soon be. */
  #usable = 0;
  #failures = 0;
  #nextAttemptMs = 0;
  #refused = false;
  #closing = false;

  constructor({ config, turn, agenda }: Shared, onLost: (pending: readonly Delivery[]) => void) {
    this.#config = config;
    this.#turn = turn;
    this.#agenda = agenda;
    this.#onLost = onLost;
  }

  get(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** CCS refused our credentials when it was last asked. */
  get credentialsRefused(): boolean {
    return this.#refused;
  }

  /** The emptiest connection that something new may be sent on, while more than `spokenFor` places are free over all connections. */
  emptiest(spokenFor: number): Connection | undefined {
    let best: Connection | undefined;
    let free = 0;
    for (const connection of this.#connections.values()) {
      if (!hasRoom(connection)) continue;
      free += connection.window.free;
      if (best === undefined || connection.window.free > best.window.free) best = connection;
    }
    return free > spokenFor ? best : undefined;
  }

  /** The connection that it was last sent on (protocol §4: retry on the same), if more may be sent there. */
  sameAs({ connection: id }: Delivery): Connection | undefined {
    const connection = id === undefined ? undefined : this.#connections.get(id);
    return connection !== undefined && hasRoom(connection) ? connection : undefined;
  }

  /** Asks for connections until there are as many as there should be, now or when the backoff is over. */
  fill(): void {
    if (this.#closing || this.#turn.nowMs < this.#nextAttemptMs) return;
    while (this.#usable < this.#config.connections) this.#connect();
  }

  opened(id: string): void {
    const connection = this.#connections.get(id);
    if (connection?.state !== 'connecting') return; // it was given up meanwhile
    connection.state = step('connection', CONNECTION_TABLE, connection.state, 'opened');
    connection.openedAtMs = this.#turn.nowMs;
    this.#refused = false;
    this.heard(connection);
    this.#agenda.add(this.#turn.nowMs + WATCH_MS, { kind: 'watch', connection });
    this.#turn.note({ kind: 'opened', connection: id });
  }

  heard(connection: Connection): void {
    connection.lastHeardMs = this.#turn.nowMs;
    connection.pinged = false;
  }

  /** CCS drains it: nothing new on it, and another one at once (protocol §7). */
  drain(connection: Connection): void {
    if (connection.state !== 'open') return; // said twice
    connection.state = step('connection', CONNECTION_TABLE, connection.state, 'drain');
    connection.drainingSinceMs = this.#turn.nowMs;
    this.#usable--;
    this.#backOff('orderly', this.#turn.nowMs - connection.openedAtMs);
    this.#turn.note({ kind: 'draining', connection: connection.id, pending: connection.window.size });
  }

  closed(id: string, how: CloseKind, detail: string): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return; // destroyed by us
    const livedMs = connection.state === 'connecting' ? 0 : this.#turn.nowMs - connection.openedAtMs;
    const refused = how === 'refusedCredentials';
    this.#refused ||= refused;
    if (!this.#closing && connection.state !== 'draining') this.#backOff(how, livedMs); // a draining one was replaced long ago
    const nextAttemptInMs = this.#closing ? undefined : Math.max(0, this.#nextAttemptMs - this.#turn.nowMs);
    this.#turn.note({ kind: 'closed', connection: id, how, detail, nextAttemptInMs });
    this.#forget(connection);
  }

  /** The connection is due for a look, and is looked at again unless it is over. */
  watch(connection: Connection): void {
    if (connection.state === 'closed') return;
    const silentMs = this.#turn.nowMs - connection.lastHeardMs;
    if (silentMs >= this.#config.silenceLimitMs) {
      this.#turn.note({ kind: 'silent', connection: connection.id, silentMs, pending: connection.window.size });
      return this.#replace(connection, 'nothing heard');
    }
    const oldest = connection.window.values().next();
    const pendingMs = oldest.done === true ? 0 : this.#turn.nowMs - oldest.value.sentAtMs;
    if (pendingMs >= this.#config.answerLimitMs) {
      this.#turn.note({ kind: 'unanswered', connection: connection.id, pendingMs });
      return this.#replace(connection, 'a message stayed unanswered');
    }
    const drainedMs = connection.state === 'draining' ? this.#turn.nowMs - connection.drainingSinceMs : 0;
    if (drainedMs >= this.#config.drainLimitMs && oldest.done === true) {
      connection.drainingSinceMs = Infinity; // once is enough
      this.#turn.emit({ kind: 'close', connection: connection.id });
    }
    if (!connection.pinged && silentMs >= this.#config.silenceLimitMs * PING_SHARE) {
      connection.pinged = true;
      this.#turn.emit({ kind: 'ping', connection: connection.id });
    }
    this.#agenda.add(this.#turn.nowMs + WATCH_MS, { kind: 'watch', connection });
  }

  /** No more connections; those that are there are closed in good order. */
  close(): void {
    this.#closing = true;
    for (const { id } of this.#connections.values()) this.#turn.emit({ kind: 'close', connection: id });
  }

  #connect(): void {
    const id = `c${++this.#made}`;
    this.#connections.set(id, newConnection(id, this.#config.pendingLimit, this.#turn.nowMs));
    this.#usable++;
    this.#turn.emit({ kind: 'connect', connection: id });
  }

  #backOff(how: CloseKind, livedMs: number): void {
    if (how === 'refusedCredentials') {
      this.#waitFor(this.#config.refusedRetryMs * (1 + this.#turn.random()));
    } else if (livedMs >= SHORT_LIFE_MS) {
      this.#failures = 0; // it worked; the next may follow at once
    } else {
      this.#failures++;
      this.#waitFor(fullJitterMs(this.#config.reconnect, this.#failures, this.#turn.random()));
    }
  }

  #waitFor(delayMs: number): void {
    this.#nextAttemptMs = Math.max(this.#nextAttemptMs, this.#turn.nowMs + delayMs);
    this.#agenda.add(this.#nextAttemptMs, { kind: 'fill' });
  }

  #replace(connection: Connection, detail: string): void {
    this.#turn.emit({ kind: 'destroy', connection: connection.id });
    this.closed(connection.id, 'failed', detail);
  }

  #forget(connection: Connection): void {
    if (connection.state !== 'draining') this.#usable--;
    connection.state = step('connection', CONNECTION_TABLE, connection.state, 'closed');
    this.#connections.delete(connection.id);
    const pending = connection.window.clear();
    if (pending.length === 0) return;
    this.#turn.note({ kind: 'lost', connection: connection.id, pending: pending.length });
    this.#onLost(pending);
  }
}

const hasRoom = ({ state, window }: Connection): boolean => state === 'open' && !window.isFull;
