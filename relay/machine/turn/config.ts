import type { BackoffPolicy } from './backoff.ts';

/** What the machine is told once. Times in milliseconds. */
export interface RelayConfig {
  readonly senderId: string;
  /** How many connections shall be open (or being opened) that are not draining. */
  readonly connections: number;
  /** Pending messages per connection, 1 … 100 (protocol §5). */
  readonly pendingLimit: number;
  /** Messages of one lane that the pump lets be held at once. */
  readonly holdLimit: number;
  /** Nothing heard for so long: the connection is dead. */
  readonly silenceLimitMs: number;
  /**
   * One message unanswered for so long on a connection that is otherwise alive: replace the connection (protocol §5:
   * its place comes free with it).
   */
  readonly answerLimitMs: number;
  /** After SERVICE_UNAVAILABLE and INTERNAL_SERVER_ERROR (protocol §4: first wait 1 s, doubling). */
  readonly retry: BackoffPolicy;
  /** After …_RATE_EXCEEDED, for the whole device or topic. */
  readonly slowdown: BackoffPolicy;
  /**
   * No connection open for so long: others may send what is held here, so it goes back to Pub/Sub, and nothing more is
   * pulled.
   */
  readonly awayLimitMs: number;
  /** Before a message that stayed unanswered is sent again: each time it costs a connection. */
  readonly unanswered: BackoffPolicy;
  /** Of a target whose messages CCS goes on sending back "later": how long all of them wait. */
  readonly failing: BackoffPolicy;
  /** While CCS answers nothing but "later": between the probes of the whole sender. */
  readonly breaker: BackoffPolicy;
  readonly reconnect: BackoffPolicy;
  /** Refused credentials do not get better by asking often. */
  readonly refusedRetryMs: number;
  /** After a failed read, write or publish. */
  readonly store: BackoffPolicy;
  /** A draining connection that CCS does not close, and on which nothing is pending, is closed by us after so long. */
  readonly drainLimitMs: number;
  /** A wait longer than this is Pub/Sub's to keep. */
  readonly longestRestMs: number;
  /** Upstream messages being published at once, over all connections; CCS itself stops at 100 each (protocol §5). */
  readonly upstreamLimit: number;
  /** The JSON of those that came in on one connection, together, in UTF-16 code units: messages may be large. */
  readonly upstreamLength: number;
  /** Upstream messages remembered as published, to ack a repeat without publishing it again. */
  readonly upstreamMemory: number;
}

export const DEFAULTS: Omit<RelayConfig, 'senderId'> = {
  connections: 1,
  pendingLimit: 100,
  holdLimit: 1_000,
  silenceLimitMs: 30_000,
  answerLimitMs: 120_000,
  retry: { firstMs: 1_000, capMs: 600_000 },
  slowdown: { firstMs: 5_000, capMs: 300_000 },
  awayLimitMs: 10_000,
  unanswered: { firstMs: 30_000, capMs: 3_600_000 },
  failing: { firstMs: 1_000, capMs: 60_000 },
  breaker: { firstMs: 1_000, capMs: 15_000 },
  reconnect: { firstMs: 500, capMs: 60_000 },
  refusedRetryMs: 60_000,
  store: { firstMs: 200, capMs: 10_000 },
  drainLimitMs: 3_600_000,
  longestRestMs: 60_000,
  upstreamLimit: 2_000,
  upstreamLength: 4_194_304, // what CCS leaves un-acked, each character escaped, is 3 MB
  upstreamMemory: 20_000,
};

/** What an installation chooses for itself; the rest follows from it. */
export type Chosen = Pick<RelayConfig, 'senderId' | 'connections' | 'pendingLimit' | 'silenceLimitMs'>;

// pending, being settled, and two read ahead: with fewer at hand the windows would not stay full
const HELD_WINDOWS = 4;
// twenty times what CCS leaves un-acked on a connection (protocol §5): room for draining ones beside it
const UPSTREAM_OF_ONE = 2_000;

export function relayConfig(chosen: Chosen): RelayConfig {
  const { connections, pendingLimit } = chosen;
  const holdLimit = Math.max(DEFAULTS.holdLimit, HELD_WINDOWS * connections * pendingLimit);
  return { ...DEFAULTS, ...chosen, holdLimit, upstreamLimit: UPSTREAM_OF_ONE * connections };
}
