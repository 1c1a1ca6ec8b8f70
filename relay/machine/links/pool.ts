import { step } from '../../model/table.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Health } from '../delivery/suspicion.ts';
import type { Agenda } from '../turn/agenda.ts';
import type { RelayConfig } from '../turn/config.ts';
import type { ConnectionEnd, Purpose } from '../turn/note.ts';
import type { Shared } from '../turn/shared.ts';
import type { Turn } from '../turn/turn.ts';
import { Reconnects } from './attempts.ts';
import {
  accepts,
  CONNECTION_TABLE,
  freePlaces,
  isRegularlyOpen,
  newConnection,
  PROOF_WAIT_MS,
  traitsOf,
  type Connection,
} from './connection.ts';
import { Liveness, WATCH_MS, type Loss } from './liveness.ts';

/** A quarantine that no message needs is closed after this long. */
const QUARANTINE_IDLE_MS = 10_000;

export interface PoolListener {
  /** What was pending on a connection that is over. */
  lost(pending: readonly Delivery[], connection: Connection, loss: Loss): void;
  /** It was checked, as it is every WATCH_MS. */
  watched(connection: Connection): void;
}

/**
 * The connections of one sender: as many open ones as configured, beside any that drain, and a quarantine while it is
 * needed.
 */
export class Pool {
  readonly #config: RelayConfig;
  readonly #turn: Turn;
  readonly #agenda: Agenda;
  readonly #listener: PoolListener;
  readonly #liveness: Liveness;
  readonly #connections = new Map<string, Connection>();
  #made = 0;
  /** How many regular ones are open, or may soon be. */
  #usable = 0;
  readonly #reconnects: Reconnects;
  #quarantine: Connection | undefined;
  /** Since when no regular connection is open; `undefined` while one is. */
  noneOpenSinceMs: number | undefined;
  readonly health: Health = { answers: 0, losses: 0 };
  #refused = false;
  #closing = false;

  constructor(shared: Shared, listener: PoolListener) {
    const { config, turn, agenda } = shared;
    this.#config = config;
    this.#turn = turn;
    this.#agenda = agenda;
    this.#listener = listener;
    this.#reconnects = new Reconnects(shared);
    this.#liveness = new Liveness(config, turn, {
      drain: (connection) => this.#drain(connection),
      replace: (...found) => this.#replace(...found),
    });
  }

  get(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** FCM refused our credentials when it was last asked. */
  get credentialsRefused(): boolean {
    return this.#refused;
  }

  /**
   * The emptiest connection that something new may be sent on, while more than `spokenFor` places are free over all
   * connections.
   */
  emptiest(spokenFor: number): Connection | undefined {
    let best: Connection | undefined;
    let free = 0;
    const isCautious = this.#reconnects.inVain;
    let most = 0;
    for (const connection of this.#connections.values()) {
      const places = freePlaces(connection, isCautious);
      free += places;
      if (places <= most) continue;
      best = connection;
      most = places;
    }
    return free > spokenFor ? best : undefined;
  }

  /** The connection that it was last sent on (protocol §4: retry on the same), if there is room on it. */
  sameAs({ connection: id }: Delivery): Connection | undefined {
    const connection = id === undefined ? undefined : this.#connections.get(id);
    return connection !== undefined && freePlaces(connection, this.#reconnects.inVain) > 0 ? connection : undefined;
  }

  /** Asks for connections until there are as many as there should be, now or when the backoff is over. */
  fill(): void {
    this.#noteAway();
    if (this.#closing || this.#reconnects.waitMs('regular') > 0) return;
    while (this.#usable < this.#config.connections) {
      this.#usable++;
      this.#connect('regular');
    }
  }

  /** The quarantine, once it is open. Where there is none it is asked for, if FCM can be reached. */
  quarantine(): Connection | undefined {
    const mayConnect =
      !this.#closing && this.#reconnects.waitMs('quarantine') === 0 && this.noneOpenSinceMs === undefined;
    if (this.#quarantine === undefined && mayConnect) this.#quarantine = this.#connect('quarantine');
    const connection = this.#quarantine;
    return connection !== undefined && traitsOf(connection).takesMessages ? connection : undefined;
  }

  /** No message needs the quarantine now. */
  leaveQuarantine(): void {
    const connection = this.#quarantine;
    if (connection === undefined || !accepts(connection, 'drain') || connection.window.size > 0) return;
    if (this.#turn.nowMs - Math.max(connection.openedAtMs, connection.answeredAtMs) < QUARANTINE_IDLE_MS) return;
    this.#drain(connection);
    this.#turn.emit({ kind: 'close', connection: connection.id });
  }

  opened(connection: Connection, limit: number): void {
    if (!accepts(connection, 'opened')) return;
    const { nowMs } = this.#turn;
    connection.state = step('connection', CONNECTION_TABLE, connection.state, 'opened');
    connection.openedAtMs = nowMs;
    connection.credentialsRefused = false;
    this.#refused = false;
    this.limitTo(connection, limit);
    this.heard(connection);
    this.#watchLater(connection);
    if (connection === this.#quarantine) this.#agenda.turnAt(nowMs + PROOF_WAIT_MS);
    this.#turn.note({ kind: 'opened', connection: connection.id, purpose: connection.purpose });
  }

  /** Pending messages that the link allows; we may allow fewer. */
  limitTo({ window }: Connection, limit: number): void {
    window.limit = Math.min(limit, this.#config.pendingLimit);
  }

  heard(connection: Connection): void {
    connection.lastHeardMs = this.#turn.nowMs;
    connection.pinged = false;
    connection.isIdle = false;
  }

  /** FCM answered a message on it. */
  answered(connection: Connection): void {
    connection.answeredAtMs = this.#turn.nowMs;
    this.health.answers++;
    if (!connection.credentialsRefused) return;
    connection.credentialsRefused = false;
    this.#refused = false;
  }

  refusedCredentials(connection: Connection): void {
    connection.credentialsRefused = true;
    this.#refused = true;
  }

  /** FCM drains it: nothing new on it, and another one at once (protocol §7). */
  drain(connection: Connection): void {
    if (!accepts(connection, 'drain')) return; // reported twice
    this.#drain(connection);
    this.#reconnects.ended(connection, 'orderly');
    this.#turn.note({ kind: 'draining', connection: connection.id, pending: connection.window.size });
  }

  closed(connection: Connection, how: ConnectionEnd, detail: string): void {
    this.#ended(connection, connection.credentialsRefused ? 'refusedCredentials' : how, detail);
    this.#forget(connection, 'ended');
  }

  /** No more connections; those that are there are closed in good order. */
  close(): void {
    this.#closing = true;
    for (const { id } of this.#connections.values()) this.#turn.emit({ kind: 'close', connection: id });
  }

  #watchLater(connection: Connection): void {
    this.#agenda.at(this.#turn.nowMs + WATCH_MS, () => {
      if (this.#liveness.check(connection)) this.#watchLater(connection);
      this.#listener.watched(connection);
    });
  }

  #noteAway(): void {
    for (const connection of this.#connections.values()) {
      if (!isRegularlyOpen(connection)) continue;
      this.noneOpenSinceMs = undefined;
      return;
    }
    if (this.noneOpenSinceMs !== undefined) return;
    this.noneOpenSinceMs = this.#turn.nowMs;
    this.#agenda.turnAt(this.#turn.nowMs + this.#config.awayLimitMs);
  }

  #connect(purpose: Purpose): Connection {
    const connection = newConnection(`c${++this.#made}`, purpose, this.#turn.nowMs);
    this.#connections.set(connection.id, connection);
    this.#turn.emit({ kind: 'connect', connection: connection.id });
    return connection;
  }

  #drain(connection: Connection): void {
    connection.state = step('connection', CONNECTION_TABLE, connection.state, 'drain');
    connection.drainingSinceMs = this.#turn.nowMs;
    this.#isReplaceable(connection);
  }

  /** Another may take its place. */
  #isReplaceable(connection: Connection): void {
    if (connection.purpose === 'regular') this.#usable--;
    else this.#quarantine = undefined;
  }

  #replace(connection: Connection, detail: string, loss: Loss): void {
    this.#turn.emit({ kind: 'destroy', connection: connection.id });
    this.#ended(connection, 'failed', detail);
    this.#forget(connection, loss);
  }

  #ended(connection: Connection, how: ConnectionEnd, detail: string): void {
    // one that drains was replaced long ago
    if (!this.#closing && !traitsOf(connection).isReplaced) this.#reconnects.ended(connection, how);
    const nextAttemptInMs = this.#closing ? undefined : this.#reconnects.waitMs(connection.purpose);
    this.#turn.note({ kind: 'closed', connection: connection.id, how, detail, nextAttemptInMs });
  }

  #forget(connection: Connection, loss: Loss): void {
    const { isReplaced, takesMessages: wasOpen } = traitsOf(connection);
    if (!isReplaced) this.#isReplaceable(connection);
    connection.state = step('connection', CONNECTION_TABLE, connection.state, 'closed');
    this.#connections.delete(connection.id);
    const pending = connection.window.clear();
    // an idle one as well: the network may fail
    if (connection.purpose === 'regular' && (wasOpen || pending.length > 0)) this.health.losses++;
    if (pending.length === 0) return;
    this.#turn.note({ kind: 'lost', connection: connection.id, pending: pending.length });
    this.#listener.lost(pending, connection, loss);
  }
}
