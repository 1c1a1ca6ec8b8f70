import { setTimeout as wait } from 'node:timers/promises';
import type { WorkerProcess } from '../test/e2e/support/worker-process.ts';
import { Load, verify, type Trial } from './trial.ts';

const SAMPLES = 30;
const MAY_GROW = 1.2; // the last third beside the middle one

interface Size {
  readonly seconds: number;
  readonly perSecond: number;
}

interface Sample {
  readonly rssMb: number;
  readonly heapMb: number;
  readonly handles: number;
  readonly descriptors: number;
}

/** A long steady load both ways: memory, handles and file descriptors of the worker stay as they are. */
export const soak: Trial<Size> = {
  rig: { longWaits: true, ccs: { latencyMs: { min: 20, max: 80 }, historyLimit: 2_000_000, rememberedIds: 1_000_000 }, env: { FCM_CONNECTIONS: '2' } },
  sizes: { full: { seconds: 1_800, perSecond: 400 }, short: { seconds: 30, perSecond: 100 } },

  async run(rig, { seconds, perSecond }, say) {
    const load = new Load(rig, { name: 'soak', perSecond });
    const samples: Sample[] = [];
    for (let at = 0; at < SAMPLES; at++) {
      await wait((seconds * 1_000) / SAMPLES);
      const sample = await look(rig.worker);
      samples.push(sample);
      say(`${Math.round(((at + 1) * seconds) / SAMPLES)} s: ${JSON.stringify(sample)}`);
    }
    await load.stop();
    const report = await verify(rig, { ids: load.ids, upstreamIds: load.upstreamIds, duplicates: 0, withinMs: 300_000 });
    const third = (from: number): Sample[] => samples.slice((from * SAMPLES) / 3, ((from + 1) * SAMPLES) / 3);
    const violations = [...report.violations];
    for (const what of ['rssMb', 'heapMb', 'handles', 'descriptors'] as const) {
      const [middle, last] = [median(third(1), what), median(third(2), what)];
      if (last > middle * MAY_GROW) violations.push(`${what} grew from ${middle} to ${last}`);
    }
    const [start, middle, end] = [0, 1, 2].map((part) => JSON.stringify(Object.fromEntries((['rssMb', 'heapMb', 'handles', 'descriptors'] as const).map((what) => [what, median(third(part), what)]))));
    return { figures: { ...report.figures, perSecond: Math.round(load.ids.length / seconds), start: start ?? '', middle: middle ?? '', end: end ?? '' }, violations };
  },
};

async function look(worker: WorkerProcess): Promise<Sample> {
  const [rss, heap, handles, descriptors] = await Promise.all([
    worker.metric('process_resident_memory_bytes'), worker.metric('nodejs_heap_size_used_bytes'), worker.metric('nodejs_active_resources_total'), worker.metric('process_open_fds'),
  ]);
  return { rssMb: Math.round(rss / 1_048_576), heapMb: Math.round(heap / 1_048_576), handles, descriptors };
}

const median = (samples: readonly Sample[], what: keyof Sample): number => samples.map((sample) => sample[what]).sort((a, b) => a - b)[samples.length >> 1] ?? 0;
