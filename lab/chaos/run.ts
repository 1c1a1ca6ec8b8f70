import { setTimeout as wait } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { LOCAL } from '../../dev/stack/local-defaults.ts';
import type { Processes } from '../../dev/stack/process/processes.ts';
import { readDocuments } from './history/documents.ts';
import { scheduleFaults } from './faults/schedule.ts';
import type { History } from './history/history.ts';
import { FaultInjector } from './faults/inject.ts';
import { Load } from './load/load.ts';
import { durationMs, type ChaosOptions } from './options.ts';
import { clock, showProgress, type Watched } from './progress.ts';
import { startRelay, startStack, type Stack } from './stack/stack.ts';
import { Observer } from './history/observer.ts';

/**
 * Without progress for this long, the rest will never settle. A Pub/Sub backoff (10 s, doubling) and a lease fit in
 * twice.
 */
const QUIET_MS = 150_000;
const POLL_MS = 500;
const LATE_MS = 3_000; // an unwanted repeat may come late

export interface Outcome {
  readonly history: History;
  /** From the first message until the last one settled. */
  readonly tookMs: number;
}

/** One run: start the stack, load and faults together, heal, wait for the rest, read everything. */
export async function runChaos(
  processes: Processes,
  options: ChaosOptions,
  { print, signal }: { readonly print: (line: string) => void; readonly signal: AbortSignal },
): Promise<Outcome> {
  print('starting the emulators, the FCM emulator, the functions and two workers');
  const stack = await startStack(processes, options);
  const observer = new Observer(LOCAL.projectId);
  await observer.start(stack.fcm);
  await startRelay(stack);
  const pubsub = new PubSub({ projectId: LOCAL.projectId });
  const lastsMs = durationMs(options);
  const load = new Load({
    messages: options.messages,
    durationMs: lastsMs,
    api: stack.api,
    fcm: stack.fcm,
    pubsub,
    signal,
  });
  const injector = new FaultInjector(stack, observer, signal);
  const watched = { load, observer, injector, print };
  print(`all up; load and faults for about ${clock(lastsMs)}`);
  const startMs = Date.now();
  const endProgress = showProgress(watched);
  try {
    await Promise.all([load.run(), injector.run(scheduleFaults({ ...options, durationMs: lastsMs }))]);
    for (const one of [...stack.workers, stack.functions]) one.assertAlive();
    await injector.heal();
    print('faults are over; waiting for the rest to settle');
    await untilQuiet(watched, signal);
  } finally {
    endProgress();
  }
  const tookMs = Date.now() - startMs;
  await wait(LATE_MS, undefined, { signal });
  const history = await gather(stack, watched);
  await pubsub.close();
  stack.close();
  return { history, tookMs };
}

/** Resolves when everything has settled, or there has been no progress for QUIET_MS. */
async function untilQuiet({ load, observer }: Watched, signal: AbortSignal): Promise<void> {
  const down = load.offers.filter(({ refusal }) => refusal === undefined).length;
  const up = load.upstream.length;
  const progress = (): number => observer.settled.size + observer.published.size + observer.upstreamAcks.length;
  for (let last = 0, lastMs = Date.now(); Date.now() - lastMs < QUIET_MS;) {
    if (observer.settled.size >= down && observer.published.size >= up && observer.upstreamAcks.length >= up) return;
    if (progress() > last) [last, lastMs] = [progress(), Date.now()];
    await wait(POLL_MS, undefined, { signal });
  }
}

async function gather({ fcm }: Stack, { load, observer, injector }: Watched): Promise<History> {
  const { connections, downstream, upstream } = await fcm.stats();
  await observer.close();
  const { receipts, upstreamAcks, foreignAcks, deliveryEvents, upstreamEvents } = observer;
  return {
    offers: load.offers,
    receipts,
    connections: [...observer.connections.values()],
    documents: await readDocuments(LOCAL.projectId, LOCAL.senderId),
    deliveryEvents,
    upstream: load.upstream,
    upstreamAcks,
    foreignAcks,
    upstreamEvents,
    faults: injector.faults,
    stops: injector.stops,
    counters: {
      downstreamReceived: downstream.received,
      upstreamAcked: upstream.acked,
      highestPending: connections.highestPending,
      pastPendingLimit: downstream.pastPendingLimit,
      foreignAcks: upstream.foreignAcks,
      badAcks: upstream.badAcks,
      stanzaErrors: downstream.stanzaErrors,
    },
  };
}
