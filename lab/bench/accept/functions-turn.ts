import { callsAtOnce } from '../at-once.ts';
import { Backlog } from '../drain/backlog.ts';
import { messageOf } from '../load-job.ts';
import { startFunctions } from '../functions/functions-side.ts';
import { Gauge } from '../gauge.ts';
import { usage } from '../meter.ts';
import type { Turn } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import { callTimes, numbersOf, type Calls } from './calls.ts';
import { verifyAccepted } from './verify-accepted.ts';

const MICROS = 1e6;

/** The harness is the caller. Its own CPU time is a figure as well, since it runs on the same cores. */
export async function functionsTurn(testbed: Testbed, calls: Calls): Promise<Turn> {
  const { inOne, atOnce, warmUp, messages } = calls;
  const backlog = await Backlog.empty(testbed);
  const { side, caller } = await startFunctions(testbed, backlog, atOnce);
  // built in advance, so that it costs nothing while measuring
  const bodies = Array.from({ length: (warmUp + messages) / inOne }, (_, at) => bodyOf(at, calls));
  const call = (at: number): Promise<void> => caller.post(bodies[at] ?? Buffer.alloc(0));
  const before = warmUp / inOne;
  await callsAtOnce(before, atOnce, call);
  const gauge = await Gauge.begin(testbed.ccs.control);
  const [ours, its] = [usage(), await side.usage()];
  const startMs = performance.now();
  const tookMs = await callsAtOnce(messages / inOne, atOnce, (at) => call(before + at));
  const seconds = (performance.now() - startMs) / 1_000;
  const [oursNow, itsNow] = [usage(), await side.usage()];
  const shares = await gauge.read();
  caller.close();
  await side.end('SIGTERM');
  await verifyAccepted(backlog, warmUp + messages);
  await backlog.remove();
  const extra = {
    ...callTimes(tookMs),
    'caller CPU %': (100 * (oursNow.cpuMicros - ours.cpuMicros)) / (seconds * MICROS),
  };
  return {
    messages,
    seconds,
    cpuMicros: itsNow.cpuMicros - its.cpuMicros,
    peakRssBytes: itsNow.peakRssBytes,
    ...shares,
    extra,
  };
}

function bodyOf(call: number, calls: Calls): Buffer {
  const messages = numbersOf(call, calls).map(messageOf);
  return Buffer.from(JSON.stringify(calls.inOne === 1 ? messages[0] : { messages }));
}
