import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { LANES } from '../../relay/adapters/pubsub/topology.ts';
import type { Relay } from '../../relay/machine/relay.ts';
import { errorLabel, KNOWN, OPEN_STATES } from './metric-labels.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export interface MetricsParts {
  /** Read on every scrape. */
  readonly relay: Pick<Relay, 'status' | 'oldestAcceptedAtMs'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly senderId: string;
  readonly version: string;
}

export interface SettledLabels {
  readonly state: string;
  readonly error: string | undefined;
  readonly lane: string;
}

type Labels = Readonly<Record<string, string>>;

/** `GET /metrics`; docs/operations.md explains each metric. Labels never hold ids or tokens. */
export class Metrics {
  readonly registry = new Registry();
  readonly #pulled = this.#counter('relay_pulled_total', 'Messages pulled from the queue', KNOWN.lane);
  readonly #poisoned = this.#counter(
    'relay_poisoned_total',
    'Unusable queue messages moved to the dead-letter topic',
    KNOWN.reason,
  );
  readonly #settled = this.#counter(
    'relay_settled_total',
    'Messages that reached a terminal state here',
    KNOWN.settled,
  );
  readonly #known = this.#counter(
    'relay_known_before_total',
    'Messages already settled when pulled (redeliveries)',
    KNOWN.state,
  );
  readonly #handedBack = this.#counter(
    'relay_given_back_total',
    'Messages handed back to Pub/Sub unsettled',
    KNOWN.why,
  );
  readonly #sends = this.#counter('relay_sends_total', 'Sends to CCS, repeats included', KNOWN.repeat);
  readonly #answers = this.#counter('relay_answers_total', 'Acks (error "none") and nacks from CCS', KNOWN.error);
  readonly #lost = this.#counter('relay_lost_pending_total', 'Sends whose connection was lost before their answer');
  readonly #upstream = this.#counter('relay_upstream_total', 'Messages and receipts from devices', KNOWN.repeated);
  readonly #closed = this.#counter('relay_connections_closed_total', 'Connections that ended', KNOWN.how);
  readonly #anomalies = this.#counter('relay_anomalies_total', 'Anomalies handled, by kind', KNOWN.anomaly);
  readonly #answerSeconds = this.#histogram('relay_answer_seconds', 'Time from a send to its answer');
  readonly #settledSeconds = this.#histogram(
    'relay_accepted_to_settled_seconds',
    'Time from acceptance to the terminal state',
    KNOWN.lane,
  );

  constructor({ relay, now, senderId, version }: MetricsParts) {
    const status = () => relay.status();
    const ageSeconds = (acceptedAtMs: number | undefined): number =>
      acceptedAtMs === undefined ? 0 : Math.max(0, now() - acceptedAtMs) / 1_000;
    collectDefaultMetrics({ register: this.registry });
    const build = { name: 'relay_build_info', help: 'Version and sender of this worker' };
    new Gauge({ ...build, labelNames: ['version', 'sender_id'], registers: [this.registry] }).set(
      { version, sender_id: senderId },
      1,
    );
    this.#gauge('relay_held', 'Messages held, by delivery state', 'state', () => Object.entries(status().deliveries));
    const oldest = 'Age of the oldest message held, by lane; 0 when none is';
    this.#gauge('relay_held_oldest_seconds', oldest, 'lane', () =>
      LANES.map((lane) => [lane, ageSeconds(relay.oldestAcceptedAtMs(lane))]),
    );
    this.#gauge('relay_connections', 'Connections by state, except quarantine connections', 'state', () => {
      const connections = status().connections.filter(({ purpose }) => purpose === 'regular');
      return OPEN_STATES.map((wanted) => [wanted, connections.filter(({ state }) => state === wanted).length]);
    });
    this.#gauge('relay_pending', 'Messages sent and not yet answered, by connection', 'connection', () =>
      status().connections.map(({ id, pending }) => [id, pending]),
    );
    const breaker = '1 while CCS asks to retry later and only probes are sent';
    this.#gauge('relay_breaker_open', breaker, undefined, () => [['', Number(status().breakerOpen)]]);
    this.#gauge('relay_upstream_publishing', 'Upstream messages being published', undefined, () => [
      ['', status().publishing],
    ]);
  }

  pulled(lane: string): void {
    this.#pulled.inc({ lane });
  }

  poisoned(reason: string): void {
    this.#poisoned.inc({ reason });
  }

  settled({ state, error, lane }: SettledLabels, sinceAcceptedMs: number): void {
    this.#settled.inc({ state, error: errorLabel(error), lane });
    this.#settledSeconds.observe({ lane }, sinceAcceptedMs / 1_000);
  }

  knownBefore(state: string): void {
    this.#known.inc({ state });
  }

  handedBack(why: string): void {
    this.#handedBack.inc({ why });
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

  /** @param known every possible combination of labels */
  #counter(name: string, help: string, known: readonly Labels[] = []): Counter {
    const counter = new Counter({ name, help, labelNames: namesIn(known), registers: [this.registry] });
    for (const labels of known) counter.inc(labels, 0);
    return counter;
  }

  #histogram(name: string, help: string, known: readonly Labels[] = []): Histogram {
    const options = { name, help, buckets: SECONDS, labelNames: namesIn(known), registers: [this.registry] };
    const histogram = new Histogram(options);
    for (const labels of known) histogram.zero(labels);
    return histogram;
  }

  #gauge(
    name: string,
    help: string,
    label: string | undefined,
    rows: () => readonly (readonly [string, number])[],
  ): void {
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

const namesIn = ([labels = {}]: readonly Labels[]): string[] => Object.keys(labels);
