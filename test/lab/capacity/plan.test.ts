import fc from 'fast-check';
import { LIST_PRICES, type Prices } from '../../../lab/capacity/costs.ts';
import { DEFAULTS, INPUTS, type ASSUMED, type Inputs, type InputSpec } from '../../../lab/capacity/inputs.ts';
import { LIMITS } from '../../../lab/capacity/limits.ts';
import { functionMicros } from '../../../lab/capacity/needs.ts';
import { planOf, type Plan } from '../../../lab/capacity/plan.ts';
import { sizesOf, type Sizes } from '../../../lab/capacity/sizes.ts';
import { encodedSizes, firestoreSize } from './encoded-sizes.ts';

// Round numbers, so that what is expected can be worked out by hand.
const SIZES: Sizes = {
  requestBytes: 400,
  laneBytes: 600,
  eventBytes: 300,
  upstreamBytes: 800,
  ccsBytes: 500,
  documentBytes: 600,
  indexBytes: 424,
};
const inputs = (changes: Partial<Inputs> = {}): Inputs => ({
  ...DEFAULTS,
  peakPerSecond: 10_000,
  averagePerSecond: 10_000,
  slowShare: 0,
  deadTokenShare: 0,
  workerMicros: 200,
  cpuUse: 0.5,
  ...changes,
});
const plan = (changes: Partial<Inputs> = {}, prices: Partial<Prices> = {}): Plan =>
  planOf(inputs(changes), SIZES, { ...LIST_PRICES, ...prices });
const usdOf = ({ bill }: Plan, item: string): number => bill.find((line) => line.item === item)?.usd ?? NaN;

describe('connections', () => {
  test('10 000/s, each in its slot for 80 + 20 ms, are 1000 pending: 12.5 windows of 100 at 80 %', () => {
    expect(plan().window).toEqual({ pending: 1_000, connections: 13 });
  });

  test('16 full windows at 200 ms with no time to store carry 100 × 16 / 0.2 s = 8000/s', () => {
    const limit = { latencyMs: 200, storeMs: 0, windowUse: 1, peakPerSecond: 8_000, averagePerSecond: 8_000 };
    expect(plan(limit).window.connections).toBe(16);
    expect(plan({ ...limit, peakPerSecond: 8_001 }).window.connections).toBe(17);
  });
});

describe('workers', () => {
  test('200 µs at half a vCPU are 2500/s per worker: four, and a spare', () => {
    expect(plan().workers).toMatchObject({
      perSecondByCpu: 2_500,
      byCpu: 4,
      byConnections: 1,
      total: 5,
      connectionsEach: 4,
    });
  });

  test('slow answers take connections, and connections take workers: 10 000/s × 2 s / 80 = 250, 16 each', () => {
    expect(plan({ latencyMs: 1_980 }).workers).toMatchObject({
      byCpu: 4,
      byConnections: 16,
      total: 17,
      connectionsEach: 16,
    });
  });

  test('upstream messages are work too: 2500/s of them take one more worker', () => {
    expect(plan({ upstreamPerSecond: 2_500 }).workers.byCpu).toBe(5);
  });
});

describe('functions', () => {
  test('1000 µs alone and 2 µs in a batch of 500 are 1000 µs per call, nothing per message', () => {
    const costs = inputs({ functionSingleMicros: 1_000, functionBatchMicros: 2 });
    expect(functionMicros(costs, 1)).toBeCloseTo(1_000);
    expect(functionMicros(costs, 500)).toBeCloseTo(2);
    expect(functionMicros(costs, 10)).toBeCloseTo(100);
  });

  test('10 000 calls/s of 100 ms and 1000 µs: 12.5 instances by concurrency, 20 by CPU at half a vCPU each', () => {
    const singles = { batch: 1, callMs: 100, functionSingleMicros: 1_000 };
    expect(plan(singles).functions).toMatchObject({ callsPerSecond: 10_000, cpu: 10, instances: 20 });
    expect(plan({ ...singles, cpuUse: 1 }).functions.instances).toBe(13);
  });

  test('each function has its own instances: half by Pub/Sub are 6.25 for 5000 calls/s, and one api for ten', () => {
    const { api, onDownstreamRequest, instances } = plan({
      pubsubShare: 0.5,
      functionSingleMicros: 1,
      functionBatchMicros: 1,
    }).functions;
    expect(onDownstreamRequest).toMatchObject({ needed: 6.25, instances: 7 });
    expect(api).toMatchObject({ needed: 0.0125, instances: 1 });
    expect(instances).toBe(8);
  });

  test('a rare call is paid for as long as it lasts', () => {
    const rare = plan({ batch: 1, averagePerSecond: 0.001, peakPerSecond: 0.001, callMs: 100 });
    expect(rare.functions.paidInstances).toBeCloseTo(0.0001, 7); // 0.001 calls/s of 0.1 s
  });
});

describe('Firestore', () => {
  test('two writes, a read, a delete; one more write for a slow answer or a dead token', () => {
    expect(plan().firestore).toMatchObject({
      writesPerSecond: 20_000,
      readsPerSecond: 10_000,
      deletesPerSecond: 10_000,
    });
    expect(plan({ slowShare: 0.1, deadTokenShare: 0.2 }).firestore.writesPerMessage).toBeCloseTo(2.3);
  });

  test('a message/s with a ttl of 28 days is kept 58.5 days: 5 054 400 documents of 1024 bytes, 4936 MiB', () => {
    const { retentionDays, documents, storedGib } = plan({ averagePerSecond: 1 }).firestore;
    expect(retentionDays).toBe(58.5);
    expect(documents).toBe(5_054_400);
    expect(storedGib * 1_024).toBeCloseTo(4_935.94, 2);
  });

  // Google's own example (storage-size): users/jeff/tasks/my_task_id is 44 bytes; with "type": "Personal" 14,
  // "priority": 1 17, "description":
  // "Learn Cloud Firestore" 34, and 32 more: 141 (147 there, where a boolean of 6 is among them). Entries: 44 + 27 of
  // the parent + 32 = 103, and the field.
  test("sizes are those of Firestore's documentation", () => {
    const fields = {
      type: { stringValue: 'Personal' },
      priority: { integerValue: 1 },
      description: { stringValue: 'Learn Cloud Firestore' },
    };
    const path = ['users', 'jeff', 'tasks', 'my_task_id'];
    expect(firestoreSize(path, fields, new Set())).toEqual({
      documentBytes: 141,
      indexBytes: 2 * (3 * 103 + 14 + 17 + 34),
    });
    expect(firestoreSize(path, fields, new Set(['type', 'description'])).indexBytes).toBe(2 * (103 + 17));
  });
});

describe('Pub/Sub', () => {
  test('a request is billed 1000 bytes at least: a push, and a single publish', () => {
    const [requests] = plan({ pubsubShare: 1 }).pubsub.flows;
    expect(requests).toMatchObject({ name: 'requests', publishedBytes: 1e7, deliveredBytes: 1e7 });
  });

  test('groups are billed by their size: 9000 normal messages/s of 600 bytes', () => {
    expect(plan().pubsub.flows.find(({ name }) => name === 'lane normal')).toMatchObject({
      publishedBytes: 5.4e6,
      deliveredBytes: 5.4e6,
    });
  });

  test('a lane fed both ways is billed in proportion: 600 bytes are 1000 alone, 600 in batches of 500', () => {
    const published = (pubsubShare: number): number | undefined =>
      plan({ pubsubShare, peakPerSecond: 100, averagePerSecond: 100 }).pubsub.flows.find(
        ({ name }) => name === 'lane normal',
      )?.publishedBytes;
    expect([0, 0.25, 1].map(published)).toEqual([54_000, 63_000, 90_000]);
    expect(published(0.999)).toBeCloseTo(89_964);
  });

  test('the topic of requests retains seven days: half of 10 000/s × 400 bytes × 604 800 s', () => {
    expect(plan({ pubsubShare: 0.5 }).pubsub.retainedBytes).toBe(1.2096e12);
  });

  test('no upstream and no high messages, no cost for them', () => {
    expect(plan({ highShare: 0 }).pubsub.flows.map(({ name }) => name)).toEqual(['lane normal', 'delivery events']);
  });
});

describe('the bill', () => {
  test('10 000/s for 30 days are 25 920 M messages: writes 46 656, reads 7776, deletes 2592 USD', () => {
    const month = plan({}, { writes: 0.09, reads: 0.03, deletes: 0.01 });
    expect(usdOf(month, 'Firestore writes')).toBeCloseTo(46_656);
    expect(usdOf(month, 'Firestore reads')).toBeCloseTo(7_776);
    expect(usdOf(month, 'Firestore deletes (TTL)')).toBeCloseTo(2_592);
  });

  test('workers are sized by the peak and paid all month: five for 2 592 000 s', () => {
    expect(usdOf(plan({ averagePerSecond: 1 }, { workerVcpu: 0.00001 }), 'Workers, vCPU')).toBeCloseTo(129.6);
  });

  test('Pub/Sub is billed by the groups of the average rate: 600 bytes as 1000 twice, an event of 300 too', () => {
    const month = plan({ averagePerSecond: 1, batch: 1, highShare: 0 }, { pubsubTib: 1 });
    const tib = usdOf(month, 'Pub/Sub throughput');
    // at the peak of 10 000/s it would be 600 and 600, 300 and 1000
    expect(tib * 1_024 ** 4).toBeCloseTo(2_592_000 * 4_000, -3);
  });

  test('the total is the sum of the lines; a million messages cost their share', () => {
    const { bill, usdPerMonth, usdPerMillion } = plan();
    expect(usdPerMonth).toBeCloseTo(bill.reduce((sum, { usd }) => sum + usd, 0));
    expect(usdPerMillion).toBeCloseTo(usdPerMonth / 25_920);
    for (const { quantity, unitUsd, usd } of bill) expect(usd).toBeCloseTo(quantity * unitUsd);
  });
});

describe('limits', () => {
  test('FCM takes 600 000 a minute: met at 10 000/s, whatever the planned rate', () => {
    const metAt = (peakPerSecond: number): number | undefined =>
      plan({ peakPerSecond }).limits.find(({ name }) => name.startsWith('FCM'))?.metAtPerSecond;
    expect(metAt(10_000)).toBe(10_000);
    expect(metAt(123)).toBeCloseTo(10_000);
  });

  test('two writes per message meet 10 000 writes/s at 5000, three operations the first 500/s at 167', () => {
    expect(
      plan()
        .limits.slice(0, 2)
        .map(({ metAtPerSecond }) => Math.round(metAtPerSecond)),
    ).toEqual([167, 5_000]);
    expect(LIMITS.firestoreWrites).toBe(10_000);
  });

  const used = (changes: Partial<Inputs>, name: string): number | undefined =>
    plan(changes).limits.find((one) => one.name.startsWith(name))?.used;

  test('upstream messages take vCPUs too: 2500/s of them take one more', () => {
    expect(used({ upstreamPerSecond: 2_500 }, 'Cloud Run')! - used({}, 'Cloud Run')!).toBeCloseTo(1);
  });

  test('each function has its own 100 instances; one without calls meets no limit', () => {
    const halves = { pubsubShare: 0.5, batch: 1, functionSingleMicros: 1_000, functionBatchMicros: 1_000 };
    expect([used(halves, 'api'), used(halves, 'onDownstreamRequest')]).toEqual([10, 10]);
    expect([used({ pubsubShare: 1 }, 'api'), used({ pubsubShare: 0 }, 'onDownstreamRequest')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('for any inputs', () => {
  const MOST_ASSUMED: Readonly<Record<keyof typeof ASSUMED, readonly [least: number, most: number]>> = {
    highShare: [0, 1],
    slowShare: [0, 1],
    deadTokenShare: [0, 1],
    cpuUse: [0.01, 1],
    windowUse: [0.01, 1],
    functionBatchMicros: [0.01, 1_000],
    functionSingleMicros: [0.01, 1_000],
    callMs: [0.1, 1_000],
    concurrency: [1, 1_000],
    functionGib: [0.125, 32],
    workerGib: [0.125, 32],
    logBytesPerCall: [0, 1_000],
  };
  const double = ([min, max]: readonly [number, number]) => fc.double({ min, max: Math.min(max, 1_000), noNaN: true });
  const each = <T, U>(table: Readonly<Record<string, T>>, of: (one: T) => U): Readonly<Record<string, U>> =>
    Object.fromEntries(Object.entries(table).map(([key, one]) => [key, of(one)]));
  const settings = fc.record({
    ...each<InputSpec, fc.Arbitrary<number>>(INPUTS, ({ range: [min, max], whole }) =>
      whole ? fc.integer({ min, max: Math.min(max, 1_000) }) : double([min, max]),
    ),
    ...each(MOST_ASSUMED, double),
  });
  const prices = fc.record(each(LIST_PRICES, () => double([0, 1_000]))) as fc.Arbitrary<Prices>;
  const load = fc.record({
    peakPerSecond: fc.double({ min: 0.01, max: 1e5, noNaN: true }),
    averageShare: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  const any = fc.tuple(settings, load).map(([chosen, { peakPerSecond, averageShare }]) => ({
    ...DEFAULTS,
    ...chosen,
    peakPerSecond,
    averagePerSecond: peakPerSecond * averageShare,
  }));
  const more = fc.double({ min: 1, max: 100, noNaN: true });

  test('more messages never need less, nor cost less', () => {
    fc.assert(
      fc.property(any, more, prices, (some, factor, usd) => {
        const [before, after] = [
          some,
          { ...some, peakPerSecond: some.peakPerSecond * factor, averagePerSecond: some.averagePerSecond * factor },
        ].map((one) => planOf(one, SIZES, usd));
        expect(after!.window.connections).toBeGreaterThanOrEqual(before!.window.connections);
        expect(after!.workers.total).toBeGreaterThanOrEqual(before!.workers.total);
        expect(after!.functions.instances).toBeGreaterThanOrEqual(before!.functions.instances);
        expect(after!.functions.paidInstances).toBeGreaterThanOrEqual(before!.functions.paidInstances * (1 - 1e-9));
        for (const item of ['Firestore writes', 'Firestore storage', 'Workers, vCPU', 'Functions, calls']) {
          expect(usdOf(after!, item)).toBeGreaterThanOrEqual(usdOf(before!, item) * (1 - 1e-9));
        }
      }),
    );
  });

  test('a slower CCS never needs fewer connections or workers', () => {
    fc.assert(
      fc.property(any, more, (some, factor) => {
        const [before, after] = [planOf(some, SIZES), planOf({ ...some, latencyMs: some.latencyMs * factor }, SIZES)];
        expect(after.window.connections).toBeGreaterThanOrEqual(before.window.connections);
        expect(after.workers.total).toBeGreaterThanOrEqual(before.workers.total);
      }),
    );
  });

  test('windows hold all that is pending, no worker exceeds its connections, and every number is finite', () => {
    fc.assert(
      fc.property(any, prices, (some, list) => {
        const { window, workers, bill, limits } = planOf(some, SIZES, list);
        expect(window.connections * some.pendingLimit).toBeGreaterThanOrEqual(window.pending * (1 - 1e-6));
        expect(workers.connectionsEach).toBeLessThanOrEqual(some.connectionsPerWorker);
        for (const { usd } of bill) expect(Number.isFinite(usd) && usd >= 0).toBe(true);
        expect(limits.map(({ metAtPerSecond }) => metAtPerSecond)).toEqual(
          limits.map(({ metAtPerSecond }) => metAtPerSecond).toSorted((a, b) => a - b),
        );
      }),
    );
  });
});

describe('sizes', () => {
  test("grow with the payload, and the lane's message holds all of it", () => {
    const [empty, full] = [sizesOf(0), sizesOf(4_096)];
    expect(full.laneBytes - empty.laneBytes).toBeGreaterThanOrEqual(4_095);
    expect(full.documentBytes).toBe(empty.documentBytes); // no payload in Firestore
  });

  test.each([1, 200, 4_096])("%i bytes of payload: the table is what the relay's encoders make", (payloadBytes) => {
    expect(sizesOf(payloadBytes)).toEqual(encodedSizes(payloadBytes));
  });
});
