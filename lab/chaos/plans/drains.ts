import { setTimeout as wait } from 'node:timers/promises';
import { Load, plan, type Report, verify } from './plan.ts';
import type { Rig } from '../../../dev/stack/rig/rig.ts';

const LATENCY_MS = 800;
const CONNECTIONS = 2;
const CAPACITY = (CONNECTIONS * 100) / (LATENCY_MS / 1_000); // a second; limited by the windows, not the machine
const DRAIN_EVERY_MS = 5_000;
const CLOSE_AFTER_MS = 3_000;
const SETTLED_WITHIN_MS = 300_000;

interface Size {
  /** Without drains. */
  readonly calmSeconds: number;
  /** With drains. */
  readonly seconds: number;
  /** The least share of the undisturbed rate that is acceptable. */
  readonly leastShare: number;
}

/** FCM drains a connection every 5 s, under full load in both directions, after the same load without drains. */
export const drains = plan<Size>({
  about: 'FCM drains a connection every 5 s under full load, compared with an undisturbed run',
  minutes: 14,
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
    await wait(5_000); // until there is a backlog: the windows stay full
    const calm = await rate(rig, calmSeconds);
    say(`undisturbed: ${calm.toFixed(0)} acks/s`);
    const drainer = drainPeriodically(rig);
    const drained = await rate(rig, seconds);
    const count = await drainer.stop();
    say(`a drain every ${DRAIN_EVERY_MS / 1_000} s: ${drained.toFixed(0)} acks/s, ${count} drains`);
    await load.stop();
    await rig.settled(load.ids, SETTLED_WITHIN_MS);
    // What crossed CONNECTION_DRAINING on the wire is refused and sent again elsewhere. Nothing is sent after it was
    // read, and nothing else is repeated.
    const { whileDraining: crossed } = (await rig.ccs.control.stats()).downstream;
    const report = await verify(rig, {
      ids: load.ids,
      upstreamIds: load.upstreamIds,
      duplicates: crossed,
      withinMs: SETTLED_WITHIN_MS,
    });
    return withRates(report, { calm, drained, drains: count, crossed }, leastShare);
  },
});

async function rate(rig: Rig, seconds: number): Promise<number> {
  const before = (await rig.ccs.control.stats()).downstream.acked;
  const startMs = Date.now();
  await wait(seconds * 1_000);
  const { acked } = (await rig.ccs.control.stats()).downstream;
  return ((acked - before) * 1_000) / (Date.now() - startMs);
}

/** @returns how to stop it, which resolves with the number of drains */
function drainPeriodically({ ccs: { control } }: Rig): { stop(): Promise<number> } {
  const end = new AbortController();
  const run = async (): Promise<number> => {
    for (let count = 0; ; count++) {
      await wait(DRAIN_EVERY_MS, undefined, { signal: end.signal }).catch(() => undefined);
      if (end.signal.aborted) return count;
      const open = (await control.connections()).find(({ state }) => state === 'bound');
      if (open === undefined) throw new Error('there is no open connection to drain');
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
  if (rates.drains === 0) found.push('no connection was drained');
  return { figures: { ...figures, ...rates, share: share.toFixed(3) }, violations: found };
}
