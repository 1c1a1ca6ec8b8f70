import fc from 'fast-check';
import { DEFAULT_SETTINGS, INPUTS, type Inputs } from '../../../lab/capacity/inputs.ts';
import { LIMITS } from '../../../lab/capacity/limits.ts';
import { functionMicros, planOf } from '../../../lab/capacity/plan.ts';
import { firestoreRampSteps, rampOf } from '../../../lab/capacity/ramp.ts';
import { firestoreSize, sizesOf, type Sizes } from '../../../lab/capacity/sizes.ts';

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
  ...DEFAULT_SETTINGS,
  peakPerSecond: 10_000,
  averagePerSecond: 10_000,
  slowShare: 0,
  deadTokenShare: 0,
  workerMicros: 200,
  cpuUse: 0.5,
  ...changes,
});
const plan = (changes: Partial<Inputs> = {}): ReturnType<typeof planOf> => planOf(inputs(changes), SIZES);
const line = (changes: Partial<Inputs>, item: string): number =>
  plan(changes).bill.find((one) => one.item === item)?.usd ?? NaN;

describe('connections', () => {
  test('10 000/s that keep their place for 80 + 20 ms are 1000 pending: 12.5 windows of 100 used to 80 %', () => {
    expect(plan().window).toEqual({ pending: 1_000, connections: 13 });
  });

  test('the limit of the window itself: 16 connections at 200 ms and nothing to store carry 100 × 16 / 0.2 s = 8000/s', () => {
    const limit = { latencyMs: 200, storeMs: 0, windowUse: 1, peakPerSecond: 8_000, averagePerSecond: 8_000 };
    expect(plan(limit).window.connections).toBe(16);
    expect(plan({ ...limit, peakPerSecond: 8_001 }).window.connections).toBe(17);
  });
});

describe('workers', () => {
  test('200 µs at half of a vCPU are 2500/s a worker: four, and one spare', () => {
    expect(plan().workers).toMatchObject({
      perSecondByCpu: 2_500,
      byCpu: 4,
      byConnections: 1,
      total: 5,
      connectionsEach: 4,
    });
  });

  test('slow answers ask for connections, and these for workers: 10 000/s × 2 s / 80 = 250 connections, 16 on each', () => {
    expect(plan({ latencyMs: 1_980 }).workers).toMatchObject({
      byCpu: 4,
      byConnections: 16,
      total: 17,
      connectionsEach: 16,
    });
  });

  test('upstream messages are work too: 2500/s of them are one more', () => {
    expect(plan({ upstreamPerSecond: 2_500 }).workers.byCpu).toBe(5);
  });
});

describe('functions', () => {
  test('a call of 500 costs a call and 500 messages: 1000 µs alone and 2 µs in 500 are 1000 µs a call, nothing a message', () => {
    const costs = inputs({ functionSingleMicros: 1_000, functionBatchMicros: 2 });
    expect(functionMicros(costs, 1)).toBeCloseTo(1_000);
    expect(functionMicros(costs, 500)).toBeCloseTo(2);
    expect(functionMicros(costs, 10)).toBeCloseTo(100);
  });

  test('10 000 calls/s of 100 ms are 1000 at once: 12.5 instances of 80; 1000 µs each are 10 vCPUs, at half of each 20 instances', () => {
    const singles = { batch: 1, callMs: 100, functionSingleMicros: 1_000 };
    expect(plan(singles).functions).toMatchObject({ callsPerSecond: 10_000, cpu: 10, instances: 20 });
    expect(plan({ ...singles, cpuUse: 1 }).functions.instances).toBe(13);
  });

  test('each function has instances of its own: half by Pub/Sub are 5000 calls/s of 100 ms, 6.25 instances of 80, and one of api for ten calls/s', () => {
    const { api, onDownstreamRequest, instances } = plan({
      pubsubShare: 0.5,
      functionSingleMicros: 1,
      functionBatchMicros: 1,
    }).functions;
    expect(onDownstreamRequest).toMatchObject({ needed: 6.25, instances: 7 });
    expect(api).toMatchObject({ needed: 0.0125, instances: 1 });
    expect(instances).toBe(8);
  });

  test('a call now and then is paid as long as it lasts', () => {
    const rare = plan({ batch: 1, averagePerSecond: 0.001, peakPerSecond: 0.001, callMs: 100 });
    expect(rare.functions.paidInstances).toBeCloseTo(0.0001, 7); // 0.001 calls/s of 0.1 s
  });
});

describe('Firestore', () => {
  test('two writes, a read, a delete; one write more for a slow answer and for a dead token', () => {
    expect(plan().firestore).toMatchObject({
      writesPerSecond: 20_000,
      readsPerSecond: 10_000,
      deletesPerSecond: 10_000,
    });
    expect(plan({ slowShare: 0.1, deadTokenShare: 0.2 }).firestore.writesPerMessage).toBeCloseTo(2.3);
  });

  test('a message/s of 28 days stays 28 + 30 + ½ days: 5 054 400 documents, 1024 bytes each are 4936 MiB', () => {
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
  test('at least 1000 bytes a request are billed: of a push, and of what is published alone', () => {
    const [requests] = plan({ pubsubShare: 1 }).pubsub.flows;
    expect(requests).toMatchObject({ name: 'requests', publishedBytes: 1e7, deliveredBytes: 1e7, delivered: 'push' });
  });

  test('what goes out together is billed as it is: 9000 normal messages/s of 600 bytes', () => {
    expect(plan().pubsub.flows.find(({ name }) => name === 'lane normal')).toMatchObject({
      publishedBytes: 5.4e6,
      deliveredBytes: 5.4e6,
    });
  });

  test('a lane by both ways is billed in proportion: 90 messages/s of 600 bytes alone are 1000 each, by batches of 500 are 600', () => {
    const published = (pubsubShare: number): number | undefined =>
      plan({ pubsubShare, peakPerSecond: 100, averagePerSecond: 100 }).pubsub.flows.find(
        ({ name }) => name === 'lane normal',
      )?.publishedBytes;
    expect([0, 0.25, 1].map(published)).toEqual([54_000, 63_000, 90_000]);
    expect(published(0.999)).toBeCloseTo(89_964);
  });

  test('the topic of requests keeps seven days: half of 10 000/s × 400 bytes × 604 800 s', () => {
    expect(plan({ pubsubShare: 0.5 }).pubsub.retainedBytes).toBe(1.2096e12);
  });

  test('who has no upstream messages and no high ones pays for none', () => {
    expect(plan({ highShare: 0 }).pubsub.flows.map(({ name }) => name)).toEqual(['lane normal', 'delivery events']);
  });
});

describe('the bill', () => {
  test('10 000/s for 30 days are 25 920 M messages: writes 46 656, reads 7776, deletes 2592 USD', () => {
    const prices = { usdPer100kWrites: 0.09, usdPer100kReads: 0.03, usdPer100kDeletes: 0.01 };
    expect(line(prices, 'Firestore writes')).toBeCloseTo(46_656);
    expect(line(prices, 'Firestore reads')).toBeCloseTo(7_776);
    expect(line(prices, 'Firestore deletes (TTL)')).toBeCloseTo(2_592);
  });

  test('workers are paid by the peak, all month: five for 2 592 000 s', () => {
    expect(line({ averagePerSecond: 1, usdPerWorkerVcpuSecond: 0.00001 }, 'Workers, vCPU')).toBeCloseTo(129.6);
  });

  test('Pub/Sub is paid as it groups at the average: one of 600 bytes is 1000 published and 1000 delivered, and an event of 300 the same', () => {
    const tib = line({ averagePerSecond: 1, batch: 1, highShare: 0, usdPerPubsubTib: 1 }, 'Pub/Sub throughput');
    // at the peak of 10 000/s it would be 600 and 600, 300 and 1000
    expect(tib * 1_024 ** 4).toBeCloseTo(2_592_000 * 4_000, -3);
  });

  test('it is the sum of its lines, and of a million messages its share', () => {
    const { bill, usdPerMonth, usdPerMillion } = plan();
    expect(usdPerMonth).toBeCloseTo(bill.reduce((sum, { usd }) => sum + usd, 0));
    expect(usdPerMillion).toBeCloseTo(usdPerMonth / 25_920);
    for (const { quantity, unitUsd, usd } of bill) expect(usd).toBeCloseTo(quantity * unitUsd);
  });
});

describe('limits', () => {
  test('FCM takes 600 000 a minute: met at 10 000/s, whatever the rate', () => {
    const metAt = (peakPerSecond: number): number | undefined =>
      plan({ peakPerSecond }).limits.find(({ name }) => name.startsWith('FCM'))?.metAtPerSecond;
    expect(metAt(10_000)).toBe(10_000);
    expect(metAt(123)).toBeCloseTo(10_000);
  });

  test('two writes a message meet 10 000 writes/s at 5000, three operations the first 500/s at 167', () => {
    expect(
      plan()
        .limits.slice(0, 2)
        .map(({ metAtPerSecond }) => Math.round(metAtPerSecond)),
    ).toEqual([167, 5_000]);
    expect(LIMITS.firestoreWrites).toBe(10_000);
  });

  const used = (changes: Partial<Inputs>, name: string): number | undefined =>
    plan(changes).limits.find((one) => one.name.startsWith(name))?.used;

  test('upstream messages take vCPUs too: 2500/s of them one more', () => {
    expect(used({ upstreamPerSecond: 2_500 }, 'Cloud Run')! - used({}, 'Cloud Run')!).toBeCloseTo(1);
  });

  test('of the functions each has its 100 instances; who has no calls meets nothing', () => {
    const halves = { pubsubShare: 0.5, batch: 1, functionSingleMicros: 1_000, functionBatchMicros: 1_000 };
    expect([used(halves, 'api'), used(halves, 'onDownstreamRequest')]).toEqual([10, 10]);
    expect([used({ pubsubShare: 1 }, 'api'), used({ pubsubShare: 0 }, 'onDownstreamRequest')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('ramps', () => {
  // The figure that Google gives for its rule: 740 000 operations/s after 90 minutes, 500 × 1.5 ** 18 = 738 945.7.
  test('500/50/5 reaches 738 945 operations/s in 18 steps of 5 minutes', () => {
    expect(firestoreRampSteps(738_945)).toBe(18);
    expect(rampOf(738_945, 1).firestoreMinutes).toBe(90);
  });

  test('30 000 operations/s: 500 × 1.5 ** 10 = 28 833 is not enough, 11 steps are 55 minutes', () => {
    const { firestoreMinutes, firestoreSteps } = rampOf(10_000, 3);
    expect(firestoreMinutes).toBe(55);
    expect(firestoreSteps).toHaveLength(12);
    expect(firestoreSteps[0]?.messagesPerSecond).toBeCloseTo(500 / 3);
    expect(firestoreSteps.at(-1)).toEqual({ minute: 55, messagesPerSecond: 10_000 });
  });

  test('500 operations/s need none', () => {
    expect(rampOf(100, 5).firestoreMinutes).toBe(0);
  });

  test('FCM: seven steps, and it wants to know of 30 000/s', () => {
    expect(rampOf(1_000, 3).fcmRollout.map(({ messagesPerSecond }) => messagesPerSecond)).toEqual([
      10, 50, 100, 250, 500, 750, 1_000,
    ]);
    expect([rampOf(29_999, 3).tellFcm, rampOf(30_000, 3).tellFcm]).toEqual([false, true]);
  });
});

describe('for any inputs', () => {
  const settings = fc.record(
    Object.fromEntries(
      Object.entries(INPUTS).map(([key, spec]) => [
        key,
        'whole' in spec
          ? fc.integer({ min: spec.least, max: Math.min(spec.most, 1_000) })
          : fc.double({ min: spec.least, max: Math.min(spec.most, 1_000), noNaN: true }),
      ]),
    ),
  );
  const load = fc.record({
    peakPerSecond: fc.double({ min: 0.01, max: 1e5, noNaN: true }),
    averageShare: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  const any = fc.tuple(settings, load).map(([chosen, { peakPerSecond, averageShare }]) => ({
    ...DEFAULT_SETTINGS,
    ...chosen,
    peakPerSecond,
    averagePerSecond: peakPerSecond * averageShare,
  }));
  const more = fc.double({ min: 1, max: 100, noNaN: true });

  test('more messages never need less, nor cost less', () => {
    fc.assert(
      fc.property(any, more, (some, factor) => {
        const [before, after] = [
          some,
          { ...some, peakPerSecond: some.peakPerSecond * factor, averagePerSecond: some.averagePerSecond * factor },
        ].map((one) => planOf(one, SIZES));
        expect(after!.window.connections).toBeGreaterThanOrEqual(before!.window.connections);
        expect(after!.workers.total).toBeGreaterThanOrEqual(before!.workers.total);
        expect(after!.functions.instances).toBeGreaterThanOrEqual(before!.functions.instances);
        expect(after!.functions.paidInstances).toBeGreaterThanOrEqual(before!.functions.paidInstances * (1 - 1e-9));
        expect(after!.ramp.firestoreMinutes).toBeGreaterThanOrEqual(before!.ramp.firestoreMinutes);
        for (const item of ['Firestore writes', 'Firestore storage', 'Workers, vCPU', 'Functions, calls']) {
          const usd = (one: typeof after): number => one!.bill.find((line) => line.item === item)!.usd;
          expect(usd(after)).toBeGreaterThanOrEqual(usd(before) * (1 - 1e-9));
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

  test('the windows hold what is pending, the workers what is to be worked; every number is one', () => {
    fc.assert(
      fc.property(any, (some) => {
        const { window, workers, bill, limits } = planOf(some, SIZES);
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

test("the sizes grow with the payload, and the lane's message holds all of it", () => {
  const [empty, full] = [sizesOf(0), sizesOf(4_096)];
  expect(full.laneBytes - empty.laneBytes).toBeGreaterThanOrEqual(4_095);
  expect(full.documentBytes).toBe(empty.documentBytes); // no payload in Firestore
});
