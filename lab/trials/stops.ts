import { setTimeout as wait } from 'node:timers/promises';
import { Load, verify, type Trial } from './trial.ts';

interface Size {
  readonly stops: number;
}

/** SIGTERM under load, again and again; each time another worker has been started just before, as a rollout does. */
export const stops: Trial<Size> = {
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
      say(`stop ${stop + 1} took ${Math.round(tookMs)} ms`);
    }
    await load.stop();
    const report = await verify(rig, {
      ids: load.ids,
      upstreamIds: load.upstreamIds,
      duplicates: 0,
      withinMs: 300_000,
    }); // all were answered in time: no reason to repeat one
    const longestMs = Math.max(...took);
    const violations = [...report.violations];
    if (longestMs >= 10_000) violations.push(`a stop took ${longestMs} ms`);
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
};
