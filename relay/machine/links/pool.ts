import { Attempts } from './attempts.ts';
import type { Agenda } from '../turn/agenda.ts';
import type { RelayConfig } from '../turn/config.ts';
import { CONNECTION_TABLE, newConnection, PROOF_WAIT_MS, type Connection } from './connection.ts';
import { PURPOSES, type Purpose } from '../turn/note.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { CloseKind } from '../turn/input.ts';
import type { Shared } from '../turn/shared.ts';
import type { Health } from '../delivery/suspicion.ts';
import { step } from '../../model/table.ts';
import type { Turn } from '../turn/turn.ts';

/** How often a connection is looked at: for silence, and for answers that are slow. */
export const WATCH_MS = 200;

/** After this share of the silence limit the far end is asked whether it lives. */
const PING_SHARE = 1 / 3;

/**
 * A connection that is replaced because a message stayed unanswered gives the others on it so long for their answers.
 */
const LAST_ANSWERS_MS = 10_000;

/** So many go out on a new connection before CCS has answered one of them, where the last ones ended unanswered. */
const FIRST_MESSAGES = 5;

/** A quarantine that nobody needs is closed after so long. */
const QUARANTINE_IDLE_MS = 10_000;

/**
 * What was pending on a connection that is over.
 * - `ended`: it ended, or nothing was heard on it any more.
 * - `unanswered`: we replaced it, because a message stayed unanswered.
 */
export type Loss = 'ended' | 'unanswered';
export interface PoolListener {
  /** What was pending on a connection that is over. */
  lost(pending: readonly Delivery[], connection: Connection, loss: Loss): void;
  /** It was looked at, as it is every WATCH_MS. */
  watched(connection: Connection): void;
}

/**
 * The connections of one sender: so many open ones as configured, beside any that drain, and a quarantine while it is
 * asked for. What was pending on a connection that is lost goes to the listener.
 */
export class Pool {
  readonly #config: RelayConfig;
  readonly #turn: Turn;
  readonly #agenda: Agenda;
  readonly #listener: PoolListener;
  readonly #connections = new Map<string, Connection>();
  #made = 0;
  /** So many regular ones are open, or may soon be. */
  #usable = 0;
  readonly #attempts: Readonly<Record<Purpose, Attempts>>;
  #quarantine: Connection | undefined;
  /** Since when no regular connection is open; `undefined` while one is. */
  noneOpenSinceMs: number | undefined;
  readonly health: Health = { answers: 0, losses: 0 };
  #refused = false;
  #closing = false;

  constructor({ config, turn, agenda }: Shared, listener: PoolListener) {
    this.#config = config;
    this.#turn = turn;
    this.#agenda = agenda;
    this.#listener = listener;
    this.#attempts = { regular: new Attempts(config), quarantine: new Attempts(config) };
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

  /**
   * The emptiest connection that something new may be sent on, while more than `spokenFor` places are free over all
   * connections.
   */
  emptiest(spokenFor: number): Connection | undefined {
    let best: Connection | undefined;
    let free = 0;
    const isCautious = this.#attempts.regular.inVain;
    let most = 0;
    for (const connection of this.#connections.values()) {
      const places = freeOn(connection, isCautious);
      free += places;
      if (places <= most) continue;
      best = connection;
      most = places;
    }
    return free > spokenFor ? best : undefined;
  }

  /** The connection that it was last sent on (protocol §4: retry on the same), if more may be sent there. */
  sameAs({ connection: id }: Delivery): Connection | undefined {
    const connection = id === undefined ? undefined : this.#connections.get(id);
    return connection !== undefined && freeOn(connection, this.#attempts.regular.inVain) > 0 ? connection : undefined;
  }

  /** Asks for connections until there are as many as there should be, now or when the backoff is over. */
  fill(): void {
    this.#noteAway();
    if (this.#closing || this.#turn.nowMs < this.#attempts.regular.nextMs) return;
    while (this.#usable < this.#config.connections) {
      this.#usable++;
      this.#connect('regular');
    }
  }

  /** The quarantine, once it is open; it is asked for where there is none, and CCS is there. */
  quarantine(): Connection | undefined {
    const { nowMs } = this.#turn;
    const mayConnect =
      !this.#closing && nowMs >= this.#attempts.quarantine.nextMs && this.noneOpenSinceMs === undefined;
    if (this.#quarantine === undefined && mayConnect) this.#quarantine = this.#connect('quarantine');
    return this.#quarantine?.state === 'open' ? this.#quarantine : undefined;
  }

  /** Nobody needs the quarantine now. */
  leaveQuarantine(): void {
    const connection = this.#quarantine;
    if (connection?.state !== 'open' || connection.window.size > 0) return;
    if (this.#turn.nowMs - Math.max(connection.openedAtMs, connection.answeredAtMs) < QUARANTINE_IDLE_MS) return;
    this.#drain(connection);
    this.#turn.emit({ kind: 'close', connection: connection.id });
  }

  /** CCS answered a message on it. */
  answered(connection: Connection): void {
    connection.answeredAtMs = this.#turn.nowMs;
    this.health.answers++;
  }

  opened(id: string): void {
    const connection = this.#connections.get(id);
    if (connection?.state !== 'connecting') return; // it was given up meanwhile
    connection.state = step('connection', CONNECTION_TABLE, connection.state, 'opened');
    connection.openedAtMs = this.#turn.nowMs;
    this.#refused = false;
    this.heard(connection);
    this.#watchLater(connection);
    if (connection === this.#quarantine) this.#agenda.turnAt(this.#turn.nowMs + PROOF_WAIT_MS);
    this.#turn.note({ kind: 'opened', connection: id, purpose: connection.purpose });
  }

  heard(connection: Connection): void {
    connection.lastHeardMs = this.#turn.nowMs;
    connection.pinged = false;
  }

  /** CCS drains it: nothing new on it, and another one at once (protocol §7). */
  drain(connection: Connection): void {
    if (connection.state !== 'open') return; // said twice
    this.#drain(connection);
    this.#backOff(connection, 'orderly');
    this.#turn.note({ kind: 'draining', connection: connection.id, pending: connection.window.size });
  }

  closed(id: string, how: CloseKind, detail: string, loss: Loss = 'ended'): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return; // destroyed by us
    const refused = how === 'refusedCredentials';
    this.#refused ||= refused;
    // a draining one was replaced long ago
    if (!this.#closing && connection.state !== 'draining') this.#backOff(connection, how);
    const nextAttemptInMs = this.#closing
      ? undefined
      : Math.max(0, this.#attempts[connection.purpose].nextMs - this.#turn.nowMs);
    this.#turn.note({ kind: 'closed', connection: id, how, detail, nextAttemptInMs });
    this.#forget(connection, loss);
  }

  /** The connection is due for a look, and is looked at again unless it is over. */
  #watch(connection: Connection): void {
    if (connection.state === 'closed') return;
    const silentMs = this.#turn.nowMs - connection.lastHeardMs;
    if (silentMs >= this.#config.silenceLimitMs) {
      this.#turn.note({ kind: 'silent', connection: connection.id, silentMs, pending: connection.window.size });
      return this.#replace(connection, 'nothing heard', 'ended');
    }
    if (this.#hasUnanswered(connection)) return this.#replace(connection, 'a message stayed unanswered', 'unanswered');
    const drainedMs = connection.state === 'draining' ? this.#turn.nowMs - connection.drainingSinceMs : 0;
    if (drainedMs >= this.#config.drainLimitMs && connection.window.size === 0) {
      connection.drainingSinceMs = Infinity; // once is enough
      this.#turn.emit({ kind: 'close', connection: connection.id });
    }
    if (!connection.pinged && silentMs >= this.#config.silenceLimitMs * PING_SHARE) {
      connection.pinged = true;
      this.#turn.emit({ kind: 'ping', connection: connection.id });
    }
    this.#watchLater(connection);
  }

  #watchLater(connection: Connection): void {
    this.#agenda.at(this.#turn.nowMs + WATCH_MS, () => {
      this.#watch(connection);
      this.#listener.watched(connection);
    });
  }

  /** No more connections; those that are there are closed in good order. */
  close(): void {
    this.#closing = true;
    for (const { id } of this.#connections.values()) this.#turn.emit({ kind: 'close', connection: id });
  }

  /**
   * A message has waited too long for its answer, and the place that it takes comes free only with the connection
   * (protocol §5). Another is opened at once; the others on this one get a little time for their answers, since each
   * that is lost is sent again. Returns whether that time is over.
   */
  #hasUnanswered(connection: Connection): boolean {
    const { nowMs } = this.#turn;
    const { answerLimitMs } = this.#config;
    const oldest = connection.window.values().next();
    const pendingMs = oldest.done === true ? 0 : nowMs - oldest.value.sentAtMs;
    if (pendingMs < answerLimitMs) return false;
    if (connection.state === 'open') {
      this.#turn.note({ kind: 'unanswered', connection: connection.id, pendingMs });
      this.#drain(connection);
    }
    const others = [...connection.window.values()].some(({ sentAtMs }) => nowMs - sentAtMs < answerLimitMs);
    return !others || pendingMs >= answerLimitMs + LAST_ANSWERS_MS;
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
    const connection = newConnection(`c${++this.#made}`, purpose, this.#config.pendingLimit, this.#turn.nowMs);
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

  #backOff({ purpose, state, openedAtMs, answeredAtMs }: Connection, how: CloseKind): void {
    const { nowMs } = this.#turn;
    const life = { how, livedMs: state === 'connecting' ? 0 : nowMs - openedAtMs, answered: answeredAtMs > 0 };
    const random = this.#turn.random();
    const purposes = how === 'refusedCredentials' ? PURPOSES : [purpose]; // it is the same credentials
    for (const attempts of purposes.map((one) => this.#attempts[one])) {
      if (attempts.ended(life, nowMs, random)) this.#agenda.turnAt(attempts.nextMs);
    }
  }

  #replace(connection: Connection, detail: string, loss: Loss): void {
    this.#turn.emit({ kind: 'destroy', connection: connection.id });
    this.closed(connection.id, 'failed', detail, loss);
  }

  #forget(connection: Connection, loss: Loss): void {
    if (connection.state !== 'draining') this.#isReplaceable(connection);
    const wasOpen = connection.state === 'open';
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

const isRegularlyOpen = ({ state, purpose }: Connection): boolean => state === 'open' && purpose === 'regular';

/**
 * The places for something new. @param isCautious after connections that ended before any answer a new one gets a few
 * messages first: one among a hundred may be what ended them
 */
function freeOn(connection: Connection, isCautious: boolean): number {
  const { window } = connection;
  if (connection.state !== 'open' || connection.purpose !== 'regular') return 0;
  return isCautious && connection.answeredAtMs === 0
    ? Math.max(0, Math.min(window.free, FIRST_MESSAGES - window.size))
    : window.free;
}
