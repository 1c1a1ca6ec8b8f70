/**
 * What a run has seen, from the outside: what was handed in and taken, what CCS got, what stands in Firestore, what
 * came out of Pub/Sub, what was broken when. All times are milliseconds since 1970, of one machine's clock. The checker
 * judges nothing else.
 */
export interface History {
  readonly offers: readonly Offer[];
  /** In the order in which CCS got them. */
  readonly receipts: readonly Receipt[];
  readonly connections: readonly ConnectionLife[];
  readonly documents: readonly Document[];
  readonly deliveryEvents: readonly DeliveryEvent[];
  readonly upstream: readonly UpstreamOffer[];
  readonly upstreamAcks: readonly UpstreamAck[];
  /** Acks that CCS refused with 406: for what was not sent over that connection. */
  readonly foreignAcks: readonly UpstreamAck[];
  readonly upstreamEvents: readonly UpstreamEvent[];
  readonly faults: readonly FaultRecord[];
  readonly stops: readonly Stop[];
  /** CCS's own counters, which are never cut. */
  readonly counters: Counters;
}

/** A downstream message, and what must become of it. */
export interface Offer {
  readonly id: string;
  readonly via: 'https' | 'pubsub';
  readonly fate: 'acked' | 'nacked';
  readonly offeredMs: number;
  /** 202 or 200, or Pub/Sub's own answer; absent while there was none. */
  acceptedMs?: number;
  /** Refused for good, though nothing is wrong with it. */
  refusal?: string;
}

/** A downstream message as CCS got it. `answer`: `ack`, a nack code, `none`, `stanza error`. */
export interface Receipt {
  readonly id: string;
  readonly connection: string;
  readonly atMs: number;
  readonly answer: string;
}

export interface ConnectionLife {
  readonly id: string;
  readonly openedMs: number;
  /** When CCS sent the control message. */
  drainingMs?: number;
  /** Closed, reset, or half-open: from then on no answer comes through. */
  lostMs?: number;
  reason?: string;
}

export interface Document {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly error?: string;
  /** Firestore's own time of the last write: a settled document's is that of its end. */
  readonly writtenMs: number;
}

/** One Pub/Sub message of `fcm-delivery-events`; its redeliveries are not counted. */
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

/** A SIGTERM, and how it went. */
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
