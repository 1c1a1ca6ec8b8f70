import type { RelayConfig } from '../../relay/machine/turn/config.ts';
import { SimulatedCcs } from './ccs.ts';
import { Client } from './client.ts';
import { Clock } from './clock.ts';
import { Dice } from './dice.ts';
import { Documents } from './documents.ts';
import type { FarEnds } from './far-ends.ts';
import { SimulatedFirestore } from './firestore.ts';
import { SimulatedFunctions } from './functions.ts';
import type { Fact } from './fact.ts';
import { Journal } from './journal.ts';
import type { MakeMachine, MakePump } from './machine.ts';
import { Queue } from './queue.ts';
import { configOf, type Scenario } from './scenario.ts';
import type { Surroundings } from './surroundings.ts';
import { Topics } from './topics.ts';
import { SimulatedWorker } from './worker.ts';

export interface WorldParts {
  readonly make: MakeMachine;
  readonly makePump: MakePump;
  readonly judge: (fact: Fact, atMs: number) => void;
  /** Every fact is kept, for a story. */
  readonly keep: boolean;
}

/** Everything around the machine and its pump, in virtual time, from one seed. */
export class World {
  readonly around: Surroundings;
  readonly far: FarEnds;
  readonly functions: SimulatedFunctions;
  readonly client: Client;
  readonly #config: RelayConfig;
  readonly #parts: WorldParts;
  #workers: SimulatedWorker[] = [];
  #hired = 0;

  constructor(scenario: Scenario, parts: WorldParts) {
    const clock = new Clock();
    const journal = new Journal(clock, parts.judge, parts.keep);
    this.around = { clock, journal, dice: new Dice(scenario.seed ^ 0x5eed), trouble: scenario.trouble };
    const queue = new Queue(this.around);
    this.far = {
      ccs: new SimulatedCcs(this.around),
      firestore: new SimulatedFirestore(this.around, new Documents(journal)),
      queue,
      topics: new Topics(this.around, queue),
    };
    this.#config = configOf(scenario);
    this.#parts = parts;
    const { senderId } = this.#config;
    this.functions = new SimulatedFunctions(this.around, this.far, senderId);
    this.client = new Client(this.around, this.far, { functions: this.functions, senderId });
  }

  hire(): void {
    this.#workers = this.#workers.filter(({ alive }) => alive);
    const { make, makePump } = this.#parts;
    this.#workers.push(
      new SimulatedWorker({
        number: ++this.#hired,
        around: this.around,
        far: this.far,
        config: this.#config,
        make,
        makePump,
      }),
    );
  }

  /** The platform starts a worker wherever fewer than `wanted` are at work. */
  keepStaffed(wanted: number): void {
    const atWork = this.#workers.filter(({ alive, stopping }) => alive && !stopping).length;
    for (let missing = wanted - atWork; missing > 0; missing--) this.hire();
  }

  /** Those that live; a stopping one is still among them. */
  get workers(): readonly SimulatedWorker[] {
    return this.#workers.filter(({ alive }) => alive);
  }

  /** Everything accepted has left the queue, everything upstream is acked, every request is answered. */
  get isQuiet(): boolean {
    return (
      this.far.queue.size === 0 &&
      this.far.ccs.upstreamOpen === 0 &&
      this.client.waiting === 0 &&
      this.#workers.every(({ alive, stopping }) => !alive || !stopping)
    );
  }
}
