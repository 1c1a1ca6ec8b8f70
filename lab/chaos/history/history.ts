/**
 * A run as seen from the outside: what was submitted and accepted, what FCM received, what is in Firestore, what came
 * out of Pub/Sub, and which faults there were. Times are milliseconds since 1970, by the clock of one machine. The
 * checker sees nothing else.
 */
export interface History {
  readonly offers: readonly Offer[];
  /** In the order in which FCM received them. */
  readonly receipts: readonly Receipt[];
  readonly connections: readonly ConnectionLife[];
  readonly documents: readonly Document[];
  readonly deliveryEvents: readonly DeliveryEvent[];
  readonly upstream: readonly UpstreamOffer[];
  readonly upstreamAcks: readonly UpstreamAck[];
  /** Acks that FCM refused with 406: their message was not sent on that connection. */
  readonly foreignAcks: readonly UpstreamAck[];
  readonly upstreamEvents: readonly UpstreamEvent[];
  readonly faults: readonly FaultRecord[];
  readonly stops: readonly Stop[];
  /** FCM's own counters; unlike its histories they are unbounded. */
  readonly counters: Counters;
}

/** A downstream message, and the state in which it must end. */
export interface Offer {
  readonly id: string;
  readonly via: 'https' | 'pubsub';
  readonly fate: 'acked' | 'nacked';
  readonly offeredMs: number;
  /** When it was answered 202 or 200, or Pub/Sub had taken it; absent until then. */
  acceptedMs?: number;
  /** Refused for good although it is valid. */
  refusal?: string;
}

/** A downstream message as FCM received it. `answer`: `ack`, a nack code, `none`, `stanza error`. */
export interface Receipt {
  readonly id: string;
  readonly connection: string;
  readonly atMs: number;
  readonly answer: string;
}

export interface ConnectionLife {
  readonly id: string;
  readonly openedMs: number;
  /** When FCM sent CONNECTION_DRAINING. */
  drainingMs?: number;
  /** When it was closed, reset or became half-open: no answer comes through after that. */
  lostMs?: number;
  reason?: string;
}

export interface Document {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly error?: string;
  /** Firestore's time of the last write: for a settled document, when it settled. */
  readonly writtenMs: number;
}

/** One Pub/Sub message of `fcm-delivery-events`, redeliveries excluded. */
export interface DeliveryEvent {
  readonly eventId: string;
  readonly type: string;
  readonly id: string;
  readonly publishedMs: number;
}

export interface UpstreamOffer {
  readonly id: string;
  readonly from: string;
  readonly offeredMs: number;
}

export interface UpstreamAck {
  readonly id: string;
  readonly connection: string;
  readonly atMs: number;
}

export interface UpstreamEvent {
  readonly eventId: string;
  readonly id: string;
  readonly from: string;
  readonly publishedMs: number;
}

export interface FaultRecord {
  readonly kind: string;
  /** Which process or connection. */
  readonly target: string;
  readonly atMs: number;
  readonly untilMs: number;
}

/** A shutdown by SIGTERM. */
export interface Stop {
  readonly target: string;
  readonly atMs: number;
  readonly tookMs: number;
}

export interface Counters {
  readonly downstreamReceived: number;
  readonly upstreamAcked: number;
  readonly highestPending: number;
  readonly pastPendingLimit: number;
  readonly foreignAcks: number;
  readonly badAcks: number;
  readonly stanzaErrors: number;
}
