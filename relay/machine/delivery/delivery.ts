import { unsuspected, type Suspicion } from './suspicion.ts';
import type { Priority } from '../../protocol/legacy/message.ts';
import type { Message } from '../../model/message.ts';
import type { Lease } from '../turn/input.ts';
import type { Version } from '../../model/ports.ts';
import type { DeliveryRecord } from '../../model/record.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Table } from '../../model/table.ts';

/**
 * The life of one downstream message in this worker.
 * - `held`: its lease is here; nothing else has happened.
 * - `reading`: its document is being read.
 * - `ready`: may be sent as soon as a connection has room.
 * - `claiming`: `sent` is being written before a send that must not rest on an old read (a repeat, or a late first
 *   one).
 * - `pending`: sent, not answered: it holds a slot of its connection's window.
 * - `resting`: waits for its time (backoff, or a slow target).
 * - `settling`: its terminal state is being written.
 * - `announcing`: written; its events are being published.
 * - `returning`: what is known of it is being written before its lease goes back to Pub/Sub.
 * - `gone`: its leases are acked or given back; it is forgotten.
 */
export const DELIVERY_STATES = [
  'held',
  'reading',
  'ready',
  'claiming',
  'pending',
  'resting',
  'settling',
  'announcing',
  'returning',
  'gone',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/**
 * - `begin`: its turn to be read. `open`: its document says that it is to be sent; `settledBefore`: that it is settled.
 * - `conflict`: its document is that of another message: it was never sent, and what it is told of is not that
 *   document's end.
 * - `cancel`: its owner asked to cancel it and it was never sent. `expire`: its time to live is over.
 * - `claim`: must be claimed first. `send`: given to a connection. `written`: the write that it waited for is done.
 * - `settle`: answered for good (from `ready`: after a second look). `again`: resend at once. `rest`: wait. `rested`:
 *   its time has come.
 * - `announced`: its events are out; `republish`: they are not, and it is time to try again.
 * - `handBack`: to Pub/Sub, noting what is known; `release`: there is nothing to note.
 */
export const DELIVERY_EVENTS = [
  'begin',
  'open',
  'settledBefore',
  'conflict',
  'cancel',
  'expire',
  'claim',
  'send',
  'written',
  'settle',
  'again',
  'rest',
  'rested',
  'announced',
  'republish',
  'handBack',
  'release',
] as const;
export type DeliveryEventName = (typeof DELIVERY_EVENTS)[number];

export const DELIVERY_TABLE: Table<DeliveryState, DeliveryEventName> = {
  held: { begin: 'reading', release: 'gone' },
  reading: { open: 'ready', settledBefore: 'announcing', conflict: 'announcing', cancel: 'settling' },
  ready: {
    send: 'pending',
    claim: 'claiming',
    rest: 'resting',
    expire: 'settling',
    settle: 'settling',
    handBack: 'returning',
    release: 'gone',
  },
  claiming: {
    written: 'ready',
    open: 'ready',
    settledBefore: 'announcing',
    conflict: 'announcing',
    cancel: 'settling',
  },
  pending: { settle: 'settling', again: 'ready', rest: 'resting', handBack: 'returning' },
  resting: { rested: 'ready', settle: 'settling', handBack: 'returning', release: 'gone' },
  settling: { written: 'announcing', open: 'settling', settledBefore: 'announcing', release: 'gone' },
  announcing: { announced: 'gone', republish: 'announcing' },
  returning: { written: 'gone', settledBefore: 'announcing', settle: 'settling', release: 'gone' },
  gone: {},
};

/** Groups of states that are asked for together. Where one event tells them apart, ask `accepts`. */
export const DELIVERY_GROUPS = {
  /** Here and idle: may go back to Pub/Sub at any moment. */
  waiting: new Set(['held', 'ready', 'resting']),
  /** Waiting for room on a connection. */
  inLine: new Set(['held', 'ready']),
  /** Its turn has come; not sent yet. */
  upNext: new Set(['ready', 'claiming']),
  /** From its turn to its answer. */
  underWay: new Set(['ready', 'claiming', 'pending']),
  pending: new Set(['pending']),
} as const satisfies Readonly<Record<string, ReadonlySet<DeliveryState>>>;
export type DeliveryGroup = keyof typeof DELIVERY_GROUPS;

export const isIn = ({ state }: Delivery, group: DeliveryGroup): boolean => {
  const states: ReadonlySet<DeliveryState> = DELIVERY_GROUPS[group];
  return states.has(state);
};

/** The table has a step for this event from where the delivery stands. */
export const accepts = ({ state }: Delivery, event: DeliveryEventName): boolean =>
  DELIVERY_TABLE[state][event] !== undefined;

/** What the store said last. No `record`: there is no document. */
export interface Known {
  readonly record: DeliveryRecord | undefined;
  readonly version: Version | undefined;
}

export interface Delivery {
  readonly message: Message;
  readonly messageId: string;
  readonly lane: Priority;
  /** What a rate limit of CCS applies to. */
  readonly targetKey: string;
  /** More than one when Pub/Sub delivered the message again while it was here. */
  readonly leases: Lease[];
  /** Pub/Sub or the document says that somebody had this message before: a send of it may have reached CCS. */
  maybeSentBefore: boolean;
  /**
   * The outcome of some send is not known: FCM may have the message. While it is `false` every send so far was refused,
   * so that the message may still be cancelled, and expire.
   */
  maybeTaken: boolean;
  /** So often CCS answered CONNECTION_DRAINING to it on a connection of which that was not known. */
  reroutes: number;
  /** Whether it may be what ends its connections. */
  suspicion: Suspicion;
  state: DeliveryState;
  /** Sends so far, those of earlier lives included. */
  attempts: number;
  known: Known | undefined;
  /** `known` may be out of date: read again before the next write. */
  stale: boolean;
  /** A read or write of its document is under way: never two at a time. */
  busy: boolean;
  /** When the read that `known` rests on was asked for. */
  readAtMs: number;
  /** Since when the document says `sent` for the very next send. */
  claimedAtMs: number | undefined;
  /** When we last wrote `sent`, as the document says it: who else writes it, writes another time. */
  markedAtMs: number | undefined;
  /** Our first claim is on a document that was `queued`, and somebody else has or had the message. */
  contested: boolean;
  storeFailures: number;
  /** What is being written. */
  pursued: DeliveryRecord | undefined;
  /** The connection it was last sent on. */
  connection: string | undefined;
  sentAtMs: number;
  /** The last answer that was not final, for the document. */
  lastError: string | undefined;
  outcome: Outcome | undefined;
  /** The outcome is "received before" on what we took for a first send: it stands only if nobody else sent it. */
  disputed: boolean;
}

/** The document says `sent` because we wrote it. */
export const isOurMark = ({ known, markedAtMs }: Delivery): boolean =>
  known?.record?.state === 'sent' && known.record.updatedAtMs === markedAtMs;

/** What its document says of it while it waits: whether FCM may have it. */
export const waitingState = ({ maybeTaken }: Delivery): 'queued' | 'sent' => (maybeTaken ? 'sent' : 'queued');

/**
 * How it ended. Every way into `settling` and `announcing` sets it.
 * @throws Error where one did not: a defect of ours
 */
export function outcomeOf({ state, outcome }: Delivery): Outcome {
  if (outcome === undefined) throw new Error(`delivery: "${state}" without an outcome`);
  return outcome;
}

export function newDelivery(message: Message, lane: Priority): Delivery {
  return {
    message,
    messageId: message.messageId,
    lane,
    targetKey: message.target,
    leases: [],
    maybeSentBefore: false,
    maybeTaken: false,
    reroutes: 0,
    suspicion: unsuspected(),
    state: 'held',
    attempts: 0,
    known: undefined,
    stale: true,
    busy: false,
    readAtMs: 0,
    claimedAtMs: undefined,
    markedAtMs: undefined,
    contested: false,
    storeFailures: 0,
    pursued: undefined,
    connection: undefined,
    sentAtMs: 0,
    lastError: undefined,
    outcome: undefined,
    disputed: false,
  };
}
