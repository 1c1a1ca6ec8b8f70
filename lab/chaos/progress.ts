import { KILLS } from './fault-plan.ts';
import type { Inflicter } from './inflict.ts';
import type { Load } from './load.ts';
import type { Witness } from './witness.ts';

const EVERY_MS = 10_000;

export const clock = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ');

export interface Watched {
  readonly load: Load;
  readonly witness: Witness;
  readonly inflicter: Inflicter;
  readonly print: (line: string) => void;
}

export const killsOf = ({ faults }: Inflicter): number =>
  faults.filter(({ kind }) => KILLS.some((kill) => kill === kind)).length;

/** One line now and then. @returns how to end it */
export function showProgress({ load, witness, inflicter, print }: Watched): () => void {
  const startMs = Date.now();
  const timer = setInterval(() => {
    const { length: upstream } = load.upstream;
    print(
      [
        clock(Date.now() - startMs).padStart(6),
        `down: ${grouped(load.accepted)} taken, ${grouped(witness.settled.size)} settled`.padEnd(40),
        `up: ${grouped(upstream)} sent, ${grouped(witness.upstreamAcks.length)} acked`.padEnd(36),
        `faults: ${inflicter.faults.length}, of them ${killsOf(inflicter)} kills`,
      ].join('   '),
    );
  }, EVERY_MS);
  return () => clearInterval(timer);
}
