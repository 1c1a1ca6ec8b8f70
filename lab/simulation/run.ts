import { HotLoop } from './clock.ts';
import type { Entry } from './journal.ts';
import { Judge, type Exceptions, type Violation } from './judge.ts';
import { FLOOD_LATENCY_MS, load, probe } from './load.ts';
import { realMachine, realPump, type MakeMachine, type MakePump } from './machine.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { configOf, type Scenario } from './scenario.ts';
import { CALM } from './faults.ts';
import { World } from './world.ts';

/** Pub/Sub's backoff brings a message back within ten minutes each time; what is not done by then never will be. */
const REST_LIMIT_MS = 6 * 3_600_000;
/** FCM recycles connections now and then: only a new one brings what a worker left un-acked. */
const RECYCLE_MS = 120_000;

export interface RunOptions {
  readonly make?: MakeMachine;
  readonly makePump?: MakePump;
  /** Keeps every fact, for a timeline. */
  readonly keep?: boolean;
  /** How long the calm may last. What is not done by then is lost. */
  readonly restLimitMs?: number;
}

export interface RunReport {
  readonly violations: readonly Violation[];
  readonly exceptions: Exceptions;
  readonly digest: string;
  readonly virtualMs: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly entries: readonly Entry[];
}

/** A time of faults and the calm after it. The same scenario gives the same report, digest included. */
export async function run(
  scenario: Scenario,
  { make = realMachine, makePump = realPump, keep = false, restLimitMs = REST_LIMIT_MS }: RunOptions = {},
): Promise<RunReport> {
  const judge = new Judge(configOf(scenario));
  const world = new World(scenario, { make, makePump, judge: judge.judge, keep });
  const { clock, journal } = world.env;
  const startMs = clock.nowMs;
  try {
    await live(world, scenario, restLimitMs);
  } catch (error) {
    if (!(error instanceof HotLoop)) throw error;
    journal.note({ kind: 'hotLoop', detail: error.message });
  }
  journal.note({ kind: 'end', upstreamOpen: world.far.ccs.upstreamOpen, queued: world.far.queue.size });
  return {
    violations: judge.violations,
    exceptions: judge.exceptions,
    digest: journal.digest,
    virtualMs: clock.nowMs - startMs,
    counts: journal.counts,
    entries: journal.entries,
  };
}

async function live(world: World, scenario: Scenario, restLimitMs: number): Promise<void> {
  const { clock, journal, dice } = world.env;
  const schedule = new FaultSchedule(world);
  load(world, scenario);
  schedule.keepWorkers();
  schedule.begin();
  await clock.run(scenario.faultsMs, () => false);
  schedule.end();
  world.env.faults = { ...CALM, latencyMs: scenario.faults.flood > 0 ? FLOOD_LATENCY_MS : CALM.latencyMs };
  await clock.run(LAST_OUTAGE_MS, () => false);
  journal.note({ kind: 'calm' });
  schedule.keepWorkers();
  probe(world, scenario);
  const recycle = (): void => {
    const { ccs } = world.far;
    if (ccs.lines.size > 0 && ccs.upstreamOpen > 0) ccs.lose(dice.pick([...ccs.lines]), 'orderly');
    clock.after(RECYCLE_MS, recycle);
  };
  clock.after(RECYCLE_MS, recycle);
  await clock.run(PROBED_MS, () => false);
  await clock.run(restLimitMs, () => world.isQuiet);
  let isClean = false;
  for (let left = SWEEPS; left > 0; left--) {
    clock.after(0, () => {
      void world.functions.sweep().then((clean) => (isClean = clean));
      clock.settled(); // some of what it awaits takes no time
    });
    if (await clock.run(SWEEP_EVERY_MS, () => isClean)) return;
  }
}

const SWEEPS = 4;
const SWEEP_EVERY_MS = 30_000;

/** The longest that an outage lasts after the faults have ended: probes and floods must not meet a 503 first. */
const LAST_OUTAGE_MS = 60_000;

/** Until all probes have been posted. */
const PROBED_MS = 35_000;
