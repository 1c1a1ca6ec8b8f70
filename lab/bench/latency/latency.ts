import { join } from 'node:path';
import { HOST } from '../../../dev/stack/ports.ts';
import { callsAtOnce } from '../at-once.ts';
import { Backlog } from '../drain/backlog.ts';
import { jobEnvironment } from '../load-job.ts';
import { Gauge } from '../gauge.ts';
import type { Comparison, Scenario, Side, Size, Target } from '../scenario.ts';
import { SENDER } from '../sender.ts';
import { percentile, spreadOf } from '../statistics.ts';
import type { AloneDone, AloneJob } from './alone.ts';
import { openLoop } from './loops.ts';
import { AT_ONCE, Stack } from './stack.ts';

const SIZES = {
  full: { warmUp: 2_000, saturated: 4_000, seconds: 10, alone: { warmUp: 100, samples: 300 } },
  short: { warmUp: 200, saturated: 300, seconds: 1, alone: { warmUp: 10, samples: 30 } },
};
const SHARES = { 'a tenth': 0.1, half: 0.5 };
const ALONE = 'engines alone';
const SUM = 'sum p50 ms';
const TO_CCS = 'CCS p99 ms';
const TIMES_THE_ENGINES = 3;

const ALONE_PROGRAM = join(import.meta.dirname, 'alone.ts');

/**
 * `Turn.extra`: the median of each step, and the sum of those that follow one another; `deliver` includes `publish`.
 */
const alone =
  (size: Size): Side['turn'] =>
  async (testbed) => {
    await testbed.ccs.renew();
    const queue = await Backlog.empty(testbed);
    const { warmUp, samples } = SIZES[size].alone;
    const subscription = queue.names.laneSubscription(SENDER.id, 'normal');
    const job: AloneJob = {
      host: HOST,
      port: testbed.ccs.port,
      projectId: queue.projectId,
      topic: queue.names.lane(SENDER.id, 'normal'),
      subscription,
      warmUp,
      samples,
    };
    const gauge = await Gauge.begin(testbed.ccs.control);
    const side = testbed.side(ALONE_PROGRAM, jobEnvironment(job));
    const { messages, seconds, cpuMicros, peakRssBytes, steps } = await side.said<AloneDone>('done');
    const shares = await gauge.read();
    await side.end('by itself');
    await testbed.ccs.verify(messages);
    await queue.verify(messages);
    await queue.remove();
    const { create, publish, deliver, deliverP99, read, roundTrip } = steps;
    const extra = {
      'create p50 ms': create,
      'publish p50 ms': publish,
      'deliver p50 ms': deliver,
      'deliver p99 ms': deliverP99,
      'read p50 ms': read,
      'round trip p50 ms': roundTrip,
      [SUM]: create + deliver + read + roundTrip,
    };
    return { messages, seconds, cpuMicros, peakRssBytes, ...shares, extra };
  };

const figuresOf = (what: string, valuesMs: readonly number[]) => ({
  [`${what} p50 ms`]: percentile(valuesMs, 0.5),
  [`${what} p99 ms`]: percentile(valuesMs, 0.99),
});

/** The throughput of callers that only wait for their answers, measured in every round. */
class Capacity {
  readonly #perSecond: number[] = [];

  /** The median so far, messages a second. */
  get perSecond(): number {
    return spreadOf(this.#perSecond).median;
  }

  turn(size: Size): Side['turn'] {
    const { warmUp, saturated } = SIZES[size];
    return async (testbed) => {
      const stack = await Stack.start(testbed, warmUp);
      const { turn } = await stack.measure(saturated, (post, from) =>
        callsAtOnce(saturated, AT_ONCE, (at) => post(from + at)),
      );
      await stack.end();
      this.#perSecond.push(turn.messages / turn.seconds);
      return turn;
    };
  }
}

/**
 * `Turn.extra`: from the moment when a message was due until it is answered, until CCS has it, until it has settled.
 */
const steady =
  (size: Size, capacity: Capacity, share: number): Side['turn'] =>
  async (testbed) => {
    const perSecond = share * capacity.perSecond;
    const count = Math.ceil(perSecond * SIZES[size].seconds);
    const stack = await Stack.start(testbed, SIZES[size].warmUp);
    const { turn, handed } = await stack.measure(count, (post, from) => openLoop(post, { from, count, perSecond }));
    await stack.end();
    const settledAtMs = await stack.settledAtMs();
    const extra = {
      ...turn.extra,
      ...figuresOf(
        'accept',
        handed.map(({ answeredMs }) => answeredMs),
      ),
      ...figuresOf(
        'CCS',
        handed.map(({ n, dueMs }) => stack.times.of(n) - dueMs),
      ),
      ...figuresOf(
        'settled',
        handed.map(({ n, dueMs }) => settledAtMs(n) - dueMs),
      ),
      'late p99 ms': percentile(
        handed.map(({ lateMs }) => lateMs),
        0.99,
      ),
    };
    return { ...turn, extra };
  };

function comparison(size: Size): Comparison {
  const capacity = new Capacity();
  const shares = Object.entries(SHARES);
  return {
    name: 'one message a call',
    sides: [
      { name: 'saturated', turn: capacity.turn(size) }, // first: the other rates depend on it
      { name: ALONE, turn: alone(size) },
      ...shares.map(([name, share]): Side => ({ name, turn: steady(size, capacity, share) })),
    ],
    targets: shares.map(([side]): Target => ({
      figure: TO_CCS,
      side,
      beside: ALONE,
      besideFigure: SUM,
      bound: { atMost: TIMES_THE_ENGINES },
    })),
  };
}

export const latency: Scenario = {
  about: `the whole relay at a tenth and at half of its capacity here: from the HTTPS call to its answer, to CCS, to
      Firestore`,
  needsEngines: true,
  comparisons: (size) => [comparison(size)],
};
