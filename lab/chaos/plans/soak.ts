import { setTimeout as wait } from 'node:timers/promises';
import type { WorkerProcess } from '../../../dev/stack/rig/worker-process.ts';
import { submit, Load, plan, sendUp, verify } from './plan.ts';
import type { Rig } from '../../../dev/stack/rig/rig.ts';

const SAMPLES = 30;
const SHARE_OF_CAPACITY = 0.5;
const SETTLED_WITHIN_MS = 300_000;
const MAY_GROW = 1.2; // the last third compared with the middle one

interface Size {
  readonly seconds: number;
  /** Messages each way to measure the capacity with. */
  readonly burst: number;
}

interface Sample {
  readonly rssMb: number;
  readonly heapMb: number;
  readonly handles: number;
  readonly descriptors: number;
}

/**
 * A long steady load in both directions, at half of what the relay can carry here: the worker's memory, handles and
 * file descriptors do not grow.
 */
export const soak = plan<Size>({
  about: 'a steady load: memory and handles stay flat',
  minutes: 32,
  rig: {
    longWaits: true,
    ccs: { latencyMs: { min: 20, max: 80 }, historyLimit: 2_000_000, rememberedIds: 1_000_000 },
    env: { FCM_CONNECTIONS: '2' },
  },
  sizes: { full: { seconds: 1_800, burst: 20_000 }, short: { seconds: 30, burst: 1_000 } },

  async run(rig, { seconds, burst }, say) {
    const capacity = await capacityOf(rig, burst);
    say(`capacity: ${capacity.toFixed(0)} messages a second each way`);
    const load = new Load(rig, { name: 'soak', perSecond: capacity * SHARE_OF_CAPACITY });
    const samples: Sample[] = [];
    for (let at = 0; at < SAMPLES; at++) {
      await wait((seconds * 1_000) / SAMPLES);
      const sample = await sampleOf(rig.worker);
      samples.push(sample);
      say(`${Math.round(((at + 1) * seconds) / SAMPLES)} s: ${JSON.stringify(sample)}`);
    }
    await load.stop();
    const report = await verify(rig, {
      ids: load.ids,
      upstreamIds: load.upstreamIds,
      duplicates: 0,
      withinMs: SETTLED_WITHIN_MS,
    });
    const third = (from: number): Sample[] => samples.slice((from * SAMPLES) / 3, ((from + 1) * SAMPLES) / 3);
    const violations = [...report.violations];
    for (const what of ['rssMb', 'heapMb', 'handles', 'descriptors'] as const) {
      const [middle, last] = [median(third(1), what), median(third(2), what)];
      if (last > middle * MAY_GROW) violations.push(`${what} grew from ${middle} to ${last}`);
    }
    const [start, middle, end] = [0, 1, 2].map((part) =>
      JSON.stringify(
        Object.fromEntries(
          (['rssMb', 'heapMb', 'handles', 'descriptors'] as const).map((what) => [what, median(third(part), what)]),
        ),
      ),
    );
    return {
      figures: {
        ...report.figures,
        capacity: Math.round(capacity),
        perSecond: Math.round(load.ids.length / seconds),
        start: start ?? '',
        middle: middle ?? '',
        end: end ?? '',
      },
      violations,
    };
  },
});

/** Messages a second each way if `count` are submitted at once: accepted, sent, settled and published. */
async function capacityOf(rig: Rig, count: number): Promise<number> {
  const startMs = Date.now();
  const [ids] = await Promise.all([submit(rig, 'capacity', count), sendUp(rig, 'capacity', { from: 0, to: count })]);
  await rig.settled(ids, SETTLED_WITHIN_MS);
  await rig.events.waitFor('fcm.upstream.received', count, SETTLED_WITHIN_MS);
  return (count * 1_000) / (Date.now() - startMs);
}

async function sampleOf(worker: WorkerProcess): Promise<Sample> {
  const [rss, heap, handles, descriptors] = await Promise.all([
    worker.metric('process_resident_memory_bytes'),
    worker.metric('nodejs_heap_size_used_bytes'),
    worker.metric('nodejs_active_resources_total'),
    worker.metric('process_open_fds'),
  ]);
  return { rssMb: Math.round(rss / 1_048_576), heapMb: Math.round(heap / 1_048_576), handles, descriptors };
}

const median = (samples: readonly Sample[], what: keyof Sample): number =>
  samples.map((sample) => sample[what]).sort((a, b) => a - b)[samples.length >> 1] ?? 0;
