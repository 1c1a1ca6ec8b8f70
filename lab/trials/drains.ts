import { setTimeout as wait } from 'node:timers/promises';
import { Load, verify, type Report, type Trial } from './trial.ts';
import type { Rig } from '../../dev/stack/rig.ts';

const LATENCY_MS = 800;
const CONNECTIONS = 2;
const CAPACITY = (CONNECTIONS * 100) / (LATENCY_MS / 1_000); // a second: the windows are the limit, not the machine
const DRAIN_EVERY_MS = 5_000;
const CLOSE_AFTER_MS = 3_000;
const SETTLED_WITHIN_MS = 300_000;

interface Size {
  /** Of the undisturbed part. */
  readonly calmSeconds: number;
  /** Of the part with drains. */
  readonly seconds: number;
  /** Acks a second beside those of the undisturbed run, at least. */
  readonly leastShare: number;
}

/** Every 5 s CCS drains a connection, under full load both ways: beside the same load undisturbed. */
export const drains: Trial<Size> = {
  rig: {
    longWaits: true,
    ccs: { latencyMs: LATENCY_MS, historyLimit: 1_500_000, rememberedIds: 1_000_000 },
    env: { FCM_CONNECTIONS: String(CONNECTIONS) },
  },
  sizes: {
    full: { calmSeconds: 180, seconds: 600, leastShare: 0.9 },
    short: { calmSeconds: 12, seconds: 12, leastShare: 0 } /* too short to say */,
  },

  async run(rig, { calmSeconds, seconds, leastShare }, say) {
    const load = new Load(rig, { name: 'drains', perSecond: CAPACITY * 1.05 });
    await wait(5_000); // the backlog is there: the windows stay full
    const calm = await rate(rig, calmSeconds);
    say(`undisturbed: ${calm.toFixed(0)} acks/s`);
    const drainer = drainAgainAndAgain(rig);
    const drained = await rate(rig, seconds);
    const count = await drainer.stop();
    say(`a drain each ${DRAIN_EVERY_MS / 1_000} s: ${drained.toFixed(0)} acks/s, ${count} drains`);
    await load.stop();
    await rig.settled(load.ids, SETTLED_WITHIN_MS);
    // What crossed the control message on its way is refused and sent again elsewhere; nothing is sent after it was
    // read, and nothing else twice.
    const { whileDraining: crossed } = (await rig.ccs.control.stats()).downstream;
    const report = await verify(rig, {
      ids: load.ids,
      upstreamIds: load.upstreamIds,
      duplicates: crossed,
      withinMs: SETTLED_WITHIN_MS,
    });
    return withRates(report, { calm, drained, drains: count, crossed }, leastShare);
  },
};

async function rate(rig: Rig, seconds: number): Promise<number> {
  const before = (await rig.ccs.control.stats()).downstream.acked;
  const startMs = Date.now();
  await wait(seconds * 1_000);
  const { acked } = (await rig.ccs.control.stats()).downstream;
  return ((acked - before) * 1_000) / (Date.now() - startMs);
}

/** @returns how to end it; that resolves with how many connections were drained */
function drainAgainAndAgain({ ccs: { control } }: Rig): { stop(): Promise<number> } {
  const end = new AbortController();
  const run = async (): Promise<number> => {
    for (let count = 0; ; count++) {
      await wait(DRAIN_EVERY_MS, undefined, { signal: end.signal }).catch(() => undefined);
      if (end.signal.aborted) return count;
      const open = (await control.connections()).find(({ state }) => state === 'bound');
      if (open === undefined) throw new Error('no connection is open that could be drained');
      await control.connection.drain(open.id, { closeAfterMs: CLOSE_AFTER_MS });
    }
  };
  const done = run();
  done.catch(() => end.abort()); // `stop` rejects
  return {
    stop: () => {
      end.abort();
      return done;
    },
  };
}

function withRates(
  { figures, violations }: Report,
  rates: Readonly<Record<'calm' | 'drained' | 'drains' | 'crossed', number>>,
  leastShare: number,
): Report {
  const share = rates.drained / rates.calm;
  const found = [...violations];
  if (share < leastShare) found.push(`throughput fell to ${share.toFixed(2)} of the undisturbed run`);
  if (rates.drains === 0) found.push('nothing was drained');
  return { figures: { ...figures, ...rates, share: share.toFixed(3) }, violations: found };
}
