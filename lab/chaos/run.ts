import { setTimeout as wait } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { DEVELOPMENT } from '../../ops/development.ts';
import type { Processes } from '../../dev/stack/processes.ts';
import { readDocuments } from './documents.ts';
import { planFaults } from './fault-plan.ts';
import type { History } from './history.ts';
import { Inflicter } from './inflict.ts';
import { Load } from './load.ts';
import { durationMs, type ChaosOptions } from './options.ts';
import { clock, showProgress, type Watched } from './progress.ts';
import { startSlots, startStack, type Stack } from './stack.ts';
import { Witness } from './witness.ts';

/**
 * No message came to its end for so long: the rest never will. A wait of Pub/Sub's (10 s, doubling) and a lease fit in
 * twice.
 */
const QUIET_MS = 150_000;
const POLL_MS = 500;
const LAST_WORDS_MS = 3_000; // a repeat that should not come may come late

export interface Outcome {
  readonly history: History;
  /** From the first message to the last one's end. */
  readonly tookMs: number;
}

/**
 * One whole run: start, load and faults at once, heal, wait for the rest, read everything. Rejects when the run itself
 * could not be made.
 */
export async function runChaos(
  processes: Processes,
  options: ChaosOptions,
  { print, signal }: { readonly print: (line: string) => void; readonly signal: AbortSignal },
): Promise<Outcome> {
  print('starting emulators, functions, CCS, two workers …');
  const stack = await startStack(processes, options);
  const witness = new Witness(DEVELOPMENT.projectId);
  await witness.start(stack.ccs);
  await startSlots(stack);
  const pubsub = new PubSub({ projectId: DEVELOPMENT.projectId });
  const lastsMs = durationMs(options);
  const load = new Load({
    messages: options.messages,
    durationMs: lastsMs,
    api: stack.api,
    ccs: stack.ccs,
    pubsub,
    signal,
  });
  const inflicter = new Inflicter(stack, witness, signal);
  const watched = { load, witness, inflicter, print };
  print(`up. Load and faults for about ${clock(lastsMs)}`);
  const startMs = Date.now();
  const endProgress = showProgress(watched);
  try {
    await Promise.all([load.run(), inflicter.run(planFaults({ ...options, durationMs: lastsMs }))]);
    for (const slot of [...stack.workers, stack.functions]) slot.assertAlive();
    await inflicter.heal();
    print('the troubles are over; waiting for the rest');
    await untilQuiet(watched, signal);
  } finally {
    endProgress();
  }
  const tookMs = Date.now() - startMs;
  await wait(LAST_WORDS_MS, undefined, { signal });
  const history = await gather(stack, watched);
  await pubsub.close();
  stack.close();
  return { history, tookMs };
}

/** Until everything is at its end, or nothing has moved for long. */
async function untilQuiet({ load, witness }: Watched, signal: AbortSignal): Promise<void> {
  const down = load.offers.filter(({ refusal }) => refusal === undefined).length;
  const up = load.upstream.length;
  const moved = (): number => witness.settled.size + witness.published.size + witness.upstreamAcks.length;
  for (let last = 0, lastMs = Date.now(); Date.now() - lastMs < QUIET_MS;) {
    if (witness.settled.size >= down && witness.published.size >= up && witness.upstreamAcks.length >= up) return;
    if (moved() > last) [last, lastMs] = [moved(), Date.now()];
    await wait(POLL_MS, undefined, { signal });
  }
}

async function gather({ ccs }: Stack, { load, witness, inflicter }: Watched): Promise<History> {
  const { connections, downstream, upstream } = await ccs.stats();
  await witness.close();
  const { receipts, upstreamAcks, foreignAcks, deliveryEvents, upstreamEvents } = witness;
  return {
    offers: load.offers,
    receipts,
    connections: [...witness.connections.values()],
    documents: await readDocuments(DEVELOPMENT.projectId, DEVELOPMENT.senderId),
    deliveryEvents,
    upstream: load.upstream,
    upstreamAcks,
    foreignAcks,
    upstreamEvents,
    faults: inflicter.faults,
    stops: inflicter.stops,
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
