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
import type { Environment } from './environment.ts';
import { Topics } from './topics.ts';
import { SimulatedWorker } from './worker.ts';

export interface WorldParts {
  readonly make: MakeMachine;
  readonly makePump: MakePump;
  readonly judge: (fact: Fact, atMs: number) => void;
  /** Keeps every fact, for a timeline. */
  readonly keep: boolean;
}

/** The simulated world of the machine and its pump, from one seed. */
export class World {
  readonly env: Environment;
  readonly far: FarEnds;
  readonly functions: SimulatedFunctions;
  readonly client: Client;
  readonly #config: RelayConfig;
  readonly #parts: WorldParts;
  #workers: SimulatedWorker[] = [];
  #started = 0;

  constructor(scenario: Scenario, parts: WorldParts) {
    const clock = new Clock();
    const journal = new Journal(clock, parts.judge, parts.keep);
    this.env = { clock, journal, dice: new Dice(scenario.seed ^ 0x5eed), faults: scenario.faults };
    const queue = new Queue(this.env);
    this.far = {
      ccs: new SimulatedCcs(this.env),
      firestore: new SimulatedFirestore(this.env, new Documents(journal)),
      queue,
      topics: new Topics(this.env, queue),
    };
    this.#config = configOf(scenario);
    this.#parts = parts;
    const { senderId } = this.#config;
    this.functions = new SimulatedFunctions(this.env, this.far, senderId);
    this.client = new Client(this.env, this.far, { functions: this.functions, senderId });
  }

  startWorker(): void {
    this.#workers = this.#workers.filter(({ alive }) => alive);
    const { make, makePump } = this.#parts;
    this.#workers.push(
      new SimulatedWorker({
        number: ++this.#started,
        env: this.env,
        far: this.far,
        config: this.#config,
        make,
        makePump,
      }),
    );
  }

  /** Starts workers until `wanted` of them are at work, as the platform does. */
  keepRunning(wanted: number): void {
    const atWork = this.#workers.filter(({ alive, stopping }) => alive && !stopping).length;
    for (let missing = wanted - atWork; missing > 0; missing--) this.startWorker();
  }

  /** Those that are alive, stopping ones included. */
  get workers(): readonly SimulatedWorker[] {
    return this.#workers.filter(({ alive }) => alive);
  }

  /** The queue is empty, all upstream messages are acked, every request is answered. */
  get isQuiet(): boolean {
    return (
      this.far.queue.size === 0 &&
      this.far.ccs.upstreamOpen === 0 &&
      this.client.waiting === 0 &&
      this.#workers.every(({ alive, stopping }) => !alive || !stopping)
    );
  }
}
