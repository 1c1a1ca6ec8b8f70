import type { Line } from './line.ts';
import type { Faults } from './faults.ts';
import type { World } from './world.ts';

type Recurring = Extract<keyof Faults, `${string}EveryMs`>;

/** What goes wrong in the world and when, until `end`. */
export class FaultSchedule {
  readonly #world: World;
  #ended = false;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    const {
      far: { ccs, firestore, topics, queue },
      env: { dice },
    } = this.#world;
    const outage = (): number => dice.between(1_000, dice.pick([5_000, 30_000, 60_000]));
    const begun: Readonly<Record<Recurring, () => void>> = {
      resetEveryMs: () => this.#someLine((line) => ccs.lose(line, 'failed')),
      closeEveryMs: () => this.#someLine((line) => ccs.lose(line, 'orderly')),
      drainEveryMs: () => this.#someLine((line) => ccs.drain(line)),
      halfOpenEveryMs: () => this.#someLine((line) => ccs.halfOpen(line)),
      ccsAwayEveryMs: () => ccs.goAway(outage()),
      stormEveryMs: () => ccs.answers.storm(outage()),
      storeOutageEveryMs: () => firestore.goAway(outage()),
      publishOutageEveryMs: () => topics.goAway(outage()),
      leaseEndEveryMs: () => queue.endSomeLease(),
      killEveryMs: () => this.#kill(),
      rolloutEveryMs: () => this.#rollOut(),
    };
    for (const [which, act] of Object.entries(begun)) this.#every(which as Recurring, act);
  }

  end(): void {
    this.#ended = true;
  }

  /** kill -9; the platform starts another one some time later. */
  #kill(): void {
    const { clock, dice } = this.#world.env;
    const { workers } = this.#world;
    if (workers.length === 0) return;
    dice.pick(workers).kill();
    clock.after(dice.between(0, 3_000), () => this.keepWorkers());
  }

  /** A new worker starts; the old one is stopped some time later. */
  #rollOut(): void {
    const { clock, dice } = this.#world.env;
    const old = this.#world.workers.find(({ stopping }) => !stopping);
    this.#world.startWorker();
    clock.after(dice.between(0, 8_000), () => {
      old?.stop();
      this.keepWorkers();
    });
  }

  keepWorkers(): void {
    this.#world.keepRunning(1 + this.#world.env.faults.twoWorkers);
  }

  #someLine(act: (line: Line) => void): void {
    const {
      far: { ccs },
      env: { dice },
    } = this.#world;
    if (ccs.lines.size > 0) act(dice.pick([...ccs.lines]));
  }

  #every(which: Recurring, act: () => void): void {
    const { clock, dice, faults } = this.#world.env;
    const meanMs = faults[which];
    if (meanMs === 0) return;
    clock.after(dice.between(0, 2 * meanMs), () => {
      if (this.#ended) return;
      act();
      this.#every(which, act);
    });
  }
}
