import { setTimeout as wait } from 'node:timers/promises';
import { Load, plan, verify } from './plan.ts';

interface Size {
  readonly stops: number;
}

/** SIGTERM under load, again and again, each time after a successor has started, as in a rollout. */
export const stops = plan<Size>({
  about: '50 × SIGTERM under load, each beside a new worker',
  minutes: 8,
  rig: {
    longWaits: true,
    ccs: { latencyMs: { min: 20, max: 60 }, historyLimit: 1_500_000, rememberedIds: 1_000_000 },
    env: { FCM_CONNECTIONS: '2' },
  },
  sizes: { full: { stops: 50 }, short: { stops: 3 } },

  async run(rig, size, say) {
    const load = new Load(rig, { name: 'stops', perSecond: 300 });
    const took: number[] = [];
    const codes = new Set<number | null>();
    for (let stop = 0; stop < size.stops; stop++) {
      await wait(2_000);
      const old = rig.worker;
      await rig.startWorker();
      const { code, tookMs } = await old.stop();
      took.push(Math.round(tookMs));
      codes.add(code);
      say(`shutdown ${stop + 1} took ${Math.round(tookMs)} ms`);
    }
    await load.stop();
    const report = await verify(rig, {
      ids: load.ids,
      upstreamIds: load.upstreamIds,
      duplicates: 0,
      withinMs: 300_000,
    }); // every send was answered in time: no reason to repeat one
    const longestMs = Math.max(...took);
    const violations = [...report.violations];
    if (longestMs >= 10_000) violations.push(`a shutdown took ${longestMs} ms`);
    if (codes.size !== 1 || !codes.has(0)) violations.push(`exit codes ${[...codes].join(', ')}`);
    return {
      figures: {
        ...report.figures,
        stops: size.stops,
        medianMs: took.toSorted((a, b) => a - b)[took.length >> 1] ?? 0,
        longestMs,
      },
      violations,
    };
  },
});
