import { hasStep, type Table } from '../../model/table.ts';

/**
 * The life of one downstream message in this worker.
 * - `held`: its lease is here; nothing else has happened.
 * - `reading`: its document is being read.
 * - `ready`: to be sent as soon as a connection has room.
 * - `claiming`: `sent` is being written, before a send that must not rest on a read (document.ts).
 * - `pending`: sent, not answered; takes up room in its connection's window.
 * - `resting`: waits for a point in time (backoff, a slow target, another worker).
 * - `settling`: its terminal state is being written.
 * - `announcing`: written; its events are being published.
 * - `returning`: what we know of it is being written before its lease goes back to Pub/Sub.
 * - `gone`: its leases are acked or released, and it is forgotten.
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
 * - `begin`: the read is begun.
 * - `open`: the document does not speak against sending it; from `settling`: nobody else has ended it, write its end
 *   again.
 * - `settledBefore`: the document says how it ended.
 * - `conflict`: the document belongs to another message. This one was never sent, and its end is not that document's.
 * - `cancel`: its owner asked to cancel it, and FCM does not have it. `expire`: its time to live is over.
 * - `claim`: a claim is needed first. `claimed`: it was written. `send`: given to a connection.
 * - `settle`: how it ended is known. `written`: the write that it waited for is done.
 * - `again`: to be sent at once. `rest`: to wait. `rested`: the wait is over.
 * - `announced`: its events are out. `republish`: they are not, and it is time to try again.
 * - `handBack`: to Pub/Sub, after writing what we know. `release`: to Pub/Sub, with nothing left to write.
 */
export const DELIVERY_EVENTS = [
  'begin',
  'open',
  'settledBefore',
  'conflict',
  'cancel',
  'expire',
  'claim',
  'claimed',
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
    claimed: 'ready',
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

interface InState {
  readonly state: DeliveryState;
}

/** The table has a step on this event from where the delivery stands. A fact that may come late asks this first. */
export const accepts = ({ state }: InState, event: DeliveryEventName): boolean => hasStep(DELIVERY_TABLE, state, event);

/** States that are asked for together, where no event of their own tells them apart. */
export const DELIVERY_GROUPS = {
  /** Idle: may go back to Pub/Sub at any moment. */
  waiting: new Set(['held', 'ready', 'resting']),
  /** Waiting for room on a connection. */
  inLine: new Set(['held', 'ready']),
  /** Its turn has come, and it is not sent yet. */
  upNext: new Set(['ready', 'claiming']),
  /** From its turn to its answer. */
  underWay: new Set(['ready', 'claiming', 'pending']),
  pending: new Set(['pending']),
} as const satisfies Readonly<Record<string, ReadonlySet<DeliveryState>>>;
export type DeliveryGroup = keyof typeof DELIVERY_GROUPS;

export function isIn({ state }: InState, group: DeliveryGroup): boolean {
  const states: ReadonlySet<DeliveryState> = DELIVERY_GROUPS[group];
  return states.has(state);
}
