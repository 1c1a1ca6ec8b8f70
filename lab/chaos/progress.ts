import { KILLS } from './faults/schedule.ts';
import type { FaultInjector } from './faults/inject.ts';
import type { Load } from './load/load.ts';
import type { Observer } from './history/observer.ts';

const EVERY_MS = 10_000;

export const clock = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ');

export interface Watched {
  readonly load: Load;
  readonly observer: Observer;
  readonly injector: FaultInjector;
  readonly print: (line: string) => void;
}

export const killsOf = ({ faults }: FaultInjector): number =>
  faults.filter(({ kind }) => KILLS.some((kill) => kill === kind)).length;

/** Prints a line every 10 s. @returns how to stop it */
export function showProgress({ load, observer, injector, print }: Watched): () => void {
  const startMs = Date.now();
  const timer = setInterval(() => {
    const { length: upstream } = load.upstream;
    print(
      [
        clock(Date.now() - startMs).padStart(6),
        `down: ${grouped(load.accepted)} accepted, ${grouped(observer.settled.size)} settled`.padEnd(44),
        `up: ${grouped(upstream)} sent, ${grouped(observer.upstreamAcks.length)} acked`.padEnd(36),
        `faults: ${injector.faults.length} (${killsOf(injector)} kills)`,
      ].join('   '),
    );
  }, EVERY_MS);
  return () => clearInterval(timer);
}
