import type { DeliveryState } from './delivery-table.ts';
import { Document } from './document.ts';
import { unsuspected, type Suspicion } from './suspicion.ts';
import type { Priority } from '../../protocol/legacy/message.ts';
import type { Message } from '../../model/message.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Lease } from '../turn/input.ts';

/** One downstream message in this worker. Its state changes in Deliveries only, its document in Documents only. */
export interface Delivery {
  readonly message: Message;
  readonly messageId: string;
  readonly lane: Priority;
  /** What FCM's rate limits apply to: a device, a topic or a condition. */
  readonly targetKey: string;
  /** More than one if Pub/Sub delivered the message again while it was here. All are acked or released together. */
  readonly leases: Lease[];

  state: DeliveryState;
  readonly document: Document;

  /** Pub/Sub or the document says that another worker, or this one earlier, may have sent the message. */
  maybeSentBefore: boolean;
  /**
   * FCM may have the message, because the outcome of some send is unknown. While this is false, every send was refused:
   * the message can still be cancelled, and expire.
   */
  maybeTaken: boolean;
  /**
   * FCM answered "received before" to what we took for a first send. `outcome` is that refusal, and stands only if the
   * document shows no other worker's send.
   */
  disputed: boolean;

  /** Sends so far, by all workers. */
  attempts: number;
  /** The connection it was last sent on. */
  connection: string | undefined;
  /** When it was last sent from here, milliseconds since 1970; 0 before the first time. */
  sentAtMs: number;
  /** The last answer that was not final, or what took its place (NO_ANSWER, CONNECTION_LOST). For the document. */
  lastError: string | undefined;
  /** How often in a row it was answered CONNECTION_DRAINING on a connection that had not announced that. */
  reroutes: number;
  /** The evidence that this message is what ends its connections. */
  suspicion: Suspicion;

  /** How it ended, once that is known. */
  outcome: Outcome | undefined;
  /** Failed attempts in a row to publish its events. */
  publishFailures: number;
}

export function newDelivery(message: Message, lane: Priority): Delivery {
  return {
    message,
    messageId: message.messageId,
    lane,
    targetKey: message.target,
    leases: [],

    state: 'held',
    document: new Document(),

    maybeSentBefore: false,
    maybeTaken: false,
    disputed: false,

    attempts: 0,
    connection: undefined,
    sentAtMs: 0,
    lastError: undefined,
    reroutes: 0,
    suspicion: unsuspected(),

    outcome: undefined,
    publishFailures: 0,
  };
}

/** What the document should say of a delivery that is not settled. */
export const waitingState = ({ maybeTaken }: Delivery): 'queued' | 'sent' => (maybeTaken ? 'sent' : 'queued');

/**
 * How it ended. Every way into `settling` and `announcing` sets it.
 * @throws Error where one did not: a defect of ours
 */
export function outcomeOf({ state, outcome }: Delivery): Outcome {
  if (outcome === undefined) throw new Error(`delivery: "${state}" without an outcome`);
  return outcome;
}
