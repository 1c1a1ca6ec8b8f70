import { Backlog } from '../drain/backlog.ts';
import { taken } from '../drain/taken.ts';
import { startWorker } from '../drain/worker-side.ts';
import { Gauge } from '../gauge.ts';
import type { Turn } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';
import type { UpstreamLoad } from './bare-job.ts';
import { deviceMessage } from './device-message.ts';
import { EventTap } from './event-tap.ts';

/** CCS has all messages before the worker starts. Measured from the last ack of the warm-up until the last ack. */
export async function workerTurn(testbed: Testbed, { warmUp, messages, connections }: UpstreamLoad): Promise<Turn> {
  const { ccs } = testbed;
  const all = warmUp + messages;
  await ccs.renew();
  const backlog = await Backlog.empty(testbed);
  const tap = await EventTap.open(backlog);
  await ccs.control.upstreamAll(Array.from({ length: all }, (_, n) => deviceMessage(n)));
  const { side } = startWorker(testbed, { backlog, connections });
  const acked = async (): Promise<number> => (await ccs.control.stats()).upstream.acked;
  await taken(warmUp, { accepted: acked, side });
  const gauge = await Gauge.begin(ccs.control);
  const before = await side.usage();
  const already = await acked(); // read last, so that count and clock start together
  const startMs = performance.now();
  await taken(all, { accepted: acked, side });
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await side.usage();
  const shares = await gauge.read();
  await side.end('SIGTERM');
  await ccs.verifyUpstream(all);
  await tap.verify(all);
  await tap.close();
  await backlog.remove();
  return {
    messages: all - already,
    seconds,
    cpuMicros: after.cpuMicros - before.cpuMicros,
    peakRssBytes: after.peakRssBytes,
    ...shares,
  };
}
