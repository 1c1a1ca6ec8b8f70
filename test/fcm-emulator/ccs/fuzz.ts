/**
 * The long fuzz run: node test/fcm-emulator/ccs/fuzz.ts [minutes, default 10]. Prints a new seed for each round; a
 * failure prints the smallest input that reproduces it. A round that takes 100 times its usual time counts as a hang;
 * memory is printed to reveal leaks.
 */
import fc from 'fast-check';
import { hostileStream } from './hostile-stream.ts';

const minutes = Number(process.argv[2] ?? '10');
const RUNS_PER_ROUND = 2_000;
const SLOWEST_ROUND_MS = 60_000;
const MB = 1_048_576;
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const end = Date.now() + minutes * 60_000;
let runs = 0;
for (let round = 1; Date.now() < end; round += 1) {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  const start = Date.now();
  fc.assert(hostileStream, { seed, numRuns: RUNS_PER_ROUND });
  runs += RUNS_PER_ROUND;
  const ms = Date.now() - start;
  if (ms > SLOWEST_ROUND_MS) throw new Error(`round ${round}, seed ${seed}: ${ms} ms for ${RUNS_PER_ROUND} runs`);
  if (round % 10 !== 1) continue;
  const { rss, heapUsed } = process.memoryUsage();
  print({ round, seed, runs, ms, rssMb: Math.round(rss / MB), heapMb: Math.round(heapUsed / MB) });
}
print({ runs, minutes, failures: 0 });
