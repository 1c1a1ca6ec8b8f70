import type { Delivery } from '../delivery/delivery.ts';
import { hasStep, type Table } from '../../model/table.ts';
import type { Purpose } from '../turn/note.ts';
import { Window } from './window.ts';

/**
 * - `connecting`: asked for, not open yet.
 * - `open`: messages may be sent.
 * - `draining`: it will be closed, by FCM (protocol §7) or by us: nothing new is sent, what is pending is still
 *   answered, upstream is still acked.
 * - `closed`: over.
 */
export const CONNECTION_STATES = ['connecting', 'open', 'draining', 'closed'] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

export const CONNECTION_EVENTS = ['opened', 'drain', 'closed'] as const;
export type ConnectionEventName = (typeof CONNECTION_EVENTS)[number];

export const CONNECTION_TABLE: Table<ConnectionState, ConnectionEventName> = {
  connecting: { opened: 'open', closed: 'closed' },
  open: { drain: 'draining', closed: 'closed' },
  draining: { closed: 'closed' },
  closed: {},
};

interface StateTraits {
  /** New messages may be sent on it. */
  readonly takesMessages: boolean;
  /** Another was asked for in its place. */
  readonly isReplaced: boolean;
  readonly isOver: boolean;
}

/** What follows from each state. No other file compares states. */
const STATE_TRAITS: Readonly<Record<ConnectionState, StateTraits>> = {
  connecting: { takesMessages: false, isReplaced: false, isOver: false },
  open: { takesMessages: true, isReplaced: false, isOver: false },
  draining: { takesMessages: false, isReplaced: true, isOver: false },
  closed: { takesMessages: false, isReplaced: true, isOver: true },
};

/** What the machine knows of one link. */
export interface Connection {
  readonly id: string;
  readonly purpose: Purpose;
  state: ConnectionState;
  readonly window: Window<Delivery>;
  /** Pending messages that the link was told to abandon, and has not let go of yet. */
  readonly abandoned: Set<string>;
  openedAtMs: number;
  /** While `draining`: since when; until we close it for taking too long. Else `Infinity`. */
  drainingSinceMs: number;
  lastHeardMs: number;
  /** When FCM last answered a message on it; 0 before that. */
  answeredAtMs: number;
  /** A ping is out and nothing has come in since. */
  pinged: boolean;
  /** Closed for want of traffic until the next send: its silence means nothing. */
  isIdle: boolean;
  credentialsRefused: boolean;
  /** Total length of the upstream messages that came in on it and are being published. */
  publishingLength: number;
  /** Hashed ids of upstream messages that came in on it and were refused: no ack goes out for them. */
  readonly refusedUpstream: Set<string>;
}

export const newConnection = (id: string, purpose: Purpose, nowMs: number): Connection => ({
  id,
  purpose,
  state: 'connecting',
  window: new Window<Delivery>(0),
  abandoned: new Set(),
  openedAtMs: nowMs,
  drainingSinceMs: Infinity,
  lastHeardMs: nowMs,
  answeredAtMs: 0,
  pinged: false,
  isIdle: false,
  credentialsRefused: false,
  publishingLength: 0,
  refusedUpstream: new Set(),
});

export const traitsOf = ({ state }: Connection): StateTraits => STATE_TRAITS[state];

/** The table has a step for this event. Where it has none, the event comes late or twice, and changes nothing. */
export const accepts = ({ state }: Connection, event: ConnectionEventName): boolean =>
  hasStep(CONNECTION_TABLE, state, event);

export const isRegularlyOpen = (connection: Connection): boolean =>
  traitsOf(connection).takesMessages && connection.purpose === 'regular';

/** Messages on a new connection before FCM has answered one of them, where the last connections ended unanswered. */
const FIRST_MESSAGES = 5;

/**
 * Places for new messages. @param isCautious after connections that ended before any answer, a new one gets only a few
 * messages first: one of a hundred may be what ended them
 */
export function freePlaces(connection: Connection, isCautious: boolean): number {
  const { window } = connection;
  if (!isRegularlyOpen(connection)) return 0;
  return isCautious && connection.answeredAtMs === 0
    ? Math.max(0, Math.min(window.free, FIRST_MESSAGES - window.size))
    : window.free;
}

/** How long after its last answer a connection counts as good. */
const JUST_ANSWERED_MS = 10_000;

/** How long a quarantine waits for another message to prove it; then a suspect is sent without a trial. */
export const PROOF_WAIT_MS = 10_000;

/** A message that ends this connection now ends a good one (delivery/suspicion.ts). */
export const isProven = ({ answeredAtMs }: Connection, nowMs: number): boolean =>
  answeredAtMs > 0 && nowMs - answeredAtMs <= JUST_ANSWERED_MS;
