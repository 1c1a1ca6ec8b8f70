import { drainTurn, type StartDraining } from '../drain/drain-turn.ts';
import { startNaive } from '../drain/naive-side.ts';
import { startWorker } from '../drain/worker-side.ts';
import type { Comparison, Medians, Scenario, Side, Size, Target } from '../scenario.ts';
import { figure, sideOf } from '../verdict.ts';
import { Timeline } from './timeline.ts';

const MILLION = 1_000_000;

interface Queue {
  readonly queued: number;
  readonly warmUp: number;
}

/**
 * `long`: what a turn can fill and drain in half a minute, with a warm-up until the rate stops rising; it doubles over
 * the first 10 000 messages.
 */
const QUEUES: Readonly<Record<Size, Readonly<Record<'short' | 'long', Queue>>>> = {
  full: { short: { queued: 10_000, warmUp: 5_000 }, long: { queued: 50_000, warmUp: 20_000 } },
  short: { short: { queued: 1_000, warmUp: 500 }, long: { queued: 4_000, warmUp: 2_000 } },
};
const ROUNDS = 2; // a turn takes half a minute
const PART = 0.1; // of the messages after the warm-up
const LAST_TO_FIRST = 'last : first';
const STEADY = 0.95;
const SAME_MEMORY = 1.3;

/** `Turn.extra`: the rates of the first and of the last tenth of the queue after the warm-up. */
function side(name: string, start: StartDraining, { queued, warmUp }: Queue): Side {
  return {
    name: `${name} ${queued}`,
    turn: async (testbed) => {
      const timeline = new Timeline();
      const turn = await drainTurn(testbed, start, {
        warmUp,
        messages: queued - warmUp,
        connections: 1,
        onLook: (look) => timeline.add(look),
      });
      const part = PART * (queued - warmUp);
      const [first, last] = [timeline.rate(warmUp, warmUp + part), timeline.rate(queued - part, queued)];
      return { ...turn, extra: { 'first tenth/s': first, 'last tenth/s': last, [LAST_TO_FIRST]: last / first } };
    },
  };
}

/**
 * The emulators are slower with a long queue. That excuses the worker if the naive loop slows down at least as much.
 */
const slowedToo =
  (worker: string, naive: string) =>
  (medians: Medians): string | undefined => {
    const [ours, other] = [worker, naive].map((name) => figure(sideOf(medians, name), LAST_TO_FIRST)) as [
      number,
      number,
    ];
    return other < STEADY && ours >= other * STEADY
      ? `the naive loop slows down too, to ${other.toFixed(2)}`
      : undefined;
  };

const sameMemory = (long: Side, short: Side): Target => ({
  figure: 'peak MB',
  side: long.name,
  beside: short.name,
  bound: { atMost: SAME_MEMORY },
});
const steadyRate = (side: Side): Target => ({
  figure: LAST_TO_FIRST,
  side: side.name,
  beside: 1,
  bound: { atLeast: STEADY },
});

function longQueue(size: Size): Comparison {
  const { short, long } = QUEUES[size];
  const [brief, worker, naive] = [
    side('worker', startWorker, short),
    side('worker', startWorker, long),
    side('naive', startNaive, long),
  ];
  return {
    name: `${long.queued} queued`,
    sides: [brief, worker, naive],
    targets: [sameMemory(worker, brief), { ...steadyRate(worker), excuse: slowedToo(worker.name, naive.name) }],
    roundsAtMost: ROUNDS,
  };
}

/** Takes ten minutes and gigabytes of memory in the emulators: only the worker, once. */
function million(size: Size): Comparison {
  const { short, long } = QUEUES[size];
  const [brief, worker] = [
    side('worker', startWorker, short),
    side('worker', startWorker, { ...long, queued: MILLION }),
  ];
  return {
    name: `${MILLION} queued`,
    sides: [brief, worker],
    targets: [sameMemory(worker, brief), steadyRate(worker)],
    roundsAtMost: 1,
    longTurns: true,
    onlyWhenNamed: true,
  };
}

export const backlog: Scenario = {
  about: `a long queue drained by the real worker: memory compared with a short one, the rate at its end with that at
      its start; 1 000 000 with --only 1000000`,
  needsEngines: true,
  comparisons: (size) => [longQueue(size), million(size)],
};
