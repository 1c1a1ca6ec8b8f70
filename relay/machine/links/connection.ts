import type { Delivery } from '../delivery/delivery.ts';
import type { Table } from '../../model/table.ts';
import type { Purpose } from '../turn/note.ts';
import { Window } from './window.ts';

/**
 * - `connecting`: asked for, not authenticated yet.
 * - `open`: messages may be sent.
 * - `draining`: it will be closed, by CCS (protocol §7) or by us: nothing new is sent, what is pending is still
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
  draining: { drain: 'draining', closed: 'closed' },
  closed: {},
};

export interface Connection {
  readonly id: string;
  readonly purpose: Purpose;
  state: ConnectionState;
  readonly window: Window<Delivery>;
  openedAtMs: number;
  /** While `draining`: since when. */
  drainingSinceMs: number;
  lastHeardMs: number;
  /** When CCS last answered a message on it; 0 before that. */
  answeredAtMs: number;
  /** A ping is out that nothing has come in after. */
  pinged: boolean;
  /** Of the JSON of what came in on it and is being published. */
  publishingLength: number;
  /** Ids from devices, hashed, under which something that came in on it was refused: no ack goes out for them. */
  readonly refusedUpstream: Set<string>;
}

export const newConnection = (id: string, purpose: Purpose, pendingLimit: number, nowMs: number): Connection => ({
  id,
  purpose,
  state: 'connecting',
  window: new Window<Delivery>(pendingLimit),
  openedAtMs: nowMs,
  drainingSinceMs: 0,
  lastHeardMs: nowMs,
  answeredAtMs: 0,
  pinged: false,
  publishingLength: 0,
  refusedUpstream: new Set(),
});

/** So long after its last answer a connection counts as good. */
const JUST_ANSWERED_MS = 10_000;

/** So long a quarantine waits for another message to prove it; then a suspect is sent without a trial. */
export const PROOF_WAIT_MS = 10_000;

export const isProven = ({ answeredAtMs }: Connection, nowMs: number): boolean =>
  answeredAtMs > 0 && nowMs - answeredAtMs <= JUST_ANSWERED_MS;
