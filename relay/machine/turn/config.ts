import type { LinkTraits } from '../../model/link.ts';
import type { BackoffPolicy } from './backoff.ts';

/** What the machine is configured with. */
export interface RelayConfig {
  readonly senderId: string;
  readonly traits: LinkTraits;
  /** Connections to keep open, beside any that are draining. */
  readonly connections: number;
  /** Pending messages per connection, at most; a link may allow fewer. */
  readonly pendingLimit: number;
  /** Messages of one lane that are held at once, at most. */
  readonly holdLimit: number;
  /** A connection on which nothing is heard for this long is dead. */
  readonly silenceLimitMs: number;
  /**
   * How long a message may stay unanswered on a connection that is otherwise alive. Then it is abandoned, or its
   * connection is replaced where that alone frees its place (protocol §5).
   */
  readonly answerLimitMs: number;
  /** After SERVICE_UNAVAILABLE and INTERNAL_SERVER_ERROR (protocol §4: first wait 1 s, doubling). */
  readonly retry: BackoffPolicy;
  /** After …_RATE_EXCEEDED, for the whole device or topic. */
  readonly slowdown: BackoffPolicy;
  /**
   * With no connection open for this long, what is held goes back to Pub/Sub for other workers, and nothing more is
   * pulled.
   */
  readonly awayLimitMs: number;
  /** Before a message that stayed unanswered is sent again: each time may cost a connection. */
  readonly unanswered: BackoffPolicy;
  /** How long all messages of a target wait while FCM keeps answering them "later". */
  readonly failing: BackoffPolicy;
  /** Between probes of the whole sender, while FCM answers nothing but "later". */
  readonly breaker: BackoffPolicy;
  readonly reconnect: BackoffPolicy;
  /** After refused credentials. */
  readonly refusedRetryMs: number;
  /** After a failed read, write or publish. */
  readonly store: BackoffPolicy;
  /** We close a draining connection on which nothing is pending if FCM has not done so by then. */
  readonly drainLimitMs: number;
  /** A message that has to wait longer goes back to Pub/Sub. */
  readonly longestRestMs: number;
  /** Upstream messages being published at once, over all connections. */
  readonly upstreamLimit: number;
  /** Total length of those that came in on one connection, in UTF-16 code units. */
  readonly upstreamLength: number;
  /** Published upstream messages to remember, to ack a repeat without publishing it again. */
  readonly upstreamMemory: number;
}

export const DEFAULTS: Omit<RelayConfig, 'senderId' | 'traits'> = {
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
  upstreamLength: 4_194_304, // FCM leaves at most 3 MB un-acked, each character escaped
  upstreamMemory: 20_000,
};

/** What an installation chooses; the rest follows from it. */
export type Chosen = Pick<RelayConfig, 'senderId' | 'traits' | 'connections' | 'pendingLimit' | 'silenceLimitMs'>;

// pending, being settled, and two read ahead: with fewer the windows would not stay full
const HELD_WINDOWS = 4;
// twenty times what FCM leaves un-acked on a connection (protocol §5), to leave room for draining ones
const UPSTREAM_OF_ONE = 2_000;

export function relayConfig(chosen: Chosen): RelayConfig {
  const { connections, pendingLimit } = chosen;
  const holdLimit = Math.max(DEFAULTS.holdLimit, HELD_WINDOWS * connections * pendingLimit);
  return { ...DEFAULTS, ...chosen, holdLimit, upstreamLimit: UPSTREAM_OF_ONE * connections };
}
