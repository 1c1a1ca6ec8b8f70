import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RelayStatus } from '../relay/core/relay.ts';
import { NACK_CODES } from '../relay/protocol/verdict.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const KNOWN_ERRORS: ReadonlySet<string> = new Set([...NACK_CODES, 'STANZA_ERROR', 'MESSAGE_ID_CONFLICT']);

/** A label takes few values, whatever CCS sends. */
const errorLabel = (error: string | undefined): string => (error === undefined ? 'none' : KNOWN_ERRORS.has(error) ? error : 'other');

/**
 * What `GET /metrics` shows. docs/operations.md explains each. Labels never hold ids or tokens.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #pulled = this.#counter('relay_pulled_total', 'Messages taken from the queue', 'lane');
  readonly #poisoned = this.#counter('relay_poisoned_total', 'Queue messages that could not be used and went to the dead-letter topic', 'reason');
  readonly #settled = this.#counter('relay_settled_total', 'Messages that came to a terminal state here', 'state', 'error');
  readonly #known = this.#counter('relay_known_before_total', 'Messages that were settled already when pulled (redeliveries)', 'state');
  readonly #givenBack = this.#counter('relay_given_back_total', 'Messages handed back to Pub/Sub unsettled', 'why');
  readonly #sends = this.#counter('relay_sends_total', 'Sends to CCS, repeats included', 'repeat');
  readonly #answers = this.#counter('relay_answers_total', 'Acks (error "none") and nacks from CCS', 'error');
  readonly #lost = this.#counter('relay_lost_pending_total', 'Sends whose connection was lost before the answer');
  readonly #upstream = this.#counter('relay_upstream_total', 'Messages and receipts from devices', 'repeated');
  readonly #closed = this.#counter('relay_connections_closed_total', 'Connections that ended', 'how');
  readonly #anomalies = this.#counter('relay_anomalies_total', 'What should not happen, and was survived', 'kind');
  readonly #answerSeconds = this.#histogram('relay_answer_seconds', 'From a send to its answer');
  readonly #settledSeconds = this.#histogram('relay_accepted_to_settled_seconds', 'From acceptance to the terminal state');

  /** @param status asked at every scrape */
  constructor(status: () => RelayStatus) {
    collectDefaultMetrics({ register: this.registry });
    this.#gauge('relay_held', 'Messages held, by delivery state', 'state', () => Object.entries(status().deliveries));
    this.#gauge('relay_connections', 'Connections, by state', 'state', () => tally(status().connections.map(({ state }) => state)));
    this.#gauge('relay_pending', 'Sent and not answered, by connection', 'connection', () => status().connections.map(({ id, pending }) => [id, pending]));
    this.#gauge('relay_breaker_open', '1 while CCS answers nothing but "later" and only probes are sent', undefined, () => [['', Number(status().breakerOpen)]]);
    this.#gauge('relay_upstream_publishing', 'Upstream messages being published', undefined, () => [['', status().publishing]]);
  }

  pulled(lane: string): void {
    this.#pulled.inc({ lane });
  }

  poisoned(reason: string): void {
    this.#poisoned.inc({ reason });
  }

  settled(state: string, error: string | undefined, sinceAcceptedMs: number): void {
    this.#settled.inc({ state, error: errorLabel(error) });
    this.#settledSeconds.observe(sinceAcceptedMs / 1_000);
  }

  knownBefore(state: string): void {
    this.#known.inc({ state });
  }

  givenBack(why: string): void {
    this.#givenBack.inc({ why });
  }

  sent(attempts: number): void {
    this.#sends.inc({ repeat: String(attempts > 1) });
  }

  answered(error: string | undefined, tookMs: number): void {
    this.#answers.inc({ error: errorLabel(error) });
    this.#answerSeconds.observe(tookMs / 1_000);
  }

  lost(pending: number): void {
    this.#lost.inc(pending);
  }

  upstream(repeated: boolean): void {
    this.#upstream.inc({ repeated: String(repeated) });
  }

  closed(how: string): void {
    this.#closed.inc({ how });
  }

  anomaly(kind: string): void {
    this.#anomalies.inc({ kind });
  }

  #counter(name: string, help: string, ...labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: SECONDS, registers: [this.registry] });
  }

  #gauge(name: string, help: string, label: string | undefined, rows: () => readonly (readonly [string, number])[]): void {
    new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [value, count] of rows()) this.set(label === undefined ? {} : { [label]: value }, count);
      },
    });
  }
}

function tally(values: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts];
}
