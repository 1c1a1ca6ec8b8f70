/**
 * The least that can keep the windows full: it parses no XML, only counts closing tags. What it misses of the limit is
 * due to the emulator and the machine.
 */
import { readFileSync } from 'node:fs';
import { login, send } from '../../../fcm-emulator/bench/load-client.ts';
import { jobOf, type LoadJob } from '../load-job.ts';
import { usage } from '../meter.ts';
import type { Done, Warm } from '../progress.ts';

const job = jobOf() as LoadJob;
const ca = readFileSync(process.env['NODE_EXTRA_CA_CERTS'] ?? '');
const sockets = await Promise.all(
  Array.from({ length: job.connections }, () => login({ host: job.host, port: job.port, ca })),
);

const sendAll = (prefix: string, count: number): Promise<unknown> => {
  const share = Math.floor(count / sockets.length);
  return Promise.all(
    sockets.map((socket, at) =>
      send(socket, share + (at < count % sockets.length ? 1 : 0), {
        prefix: `${prefix}-${at}`,
        window: job.pendingLimit,
      }),
    ),
  );
};

await sendAll('warm', job.warmUp);
process.send?.({ kind: 'warm' } satisfies Warm);
const startCpuMicros = usage().cpuMicros;
const startMs = performance.now();
await sendAll('measured', job.messages);
const seconds = (performance.now() - startMs) / 1_000;
const { cpuMicros, peakRssBytes } = usage();
process.send?.(
  { kind: 'done', messages: job.messages, seconds, cpuMicros: cpuMicros - startCpuMicros, peakRssBytes } satisfies Done,
  () => process.exit(0),
);
