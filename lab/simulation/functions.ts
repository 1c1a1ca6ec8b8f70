import { accept, type Acceptance } from '../../relay/service/accept/accept.ts';
import { cancel, type Cancellation } from '../../relay/service/settle/cancel.ts';
import type { SweepProgress } from '../../relay/model/ports.ts';
import { sweep } from '../../relay/service/sweep/sweep.ts';
import type { DownstreamMessage } from '../../relay/protocol/legacy/message.ts';
import type { FarEnds } from './far-ends.ts';
import { hash } from './machine.ts';
import { Process } from './process.ts';
import { SimulatedStore } from './store.ts';
import type { Environment } from './environment.ts';

const ORIGIN = { owner: 'key:simulation' } as const;
/** If a function dies, it dies within this time, which is about how long it runs. */
const ACCEPT_MS = 100;
const CANCEL_MS = 4_000;
/**
 * Long enough for a DELETE to count as dead, too short for anything to count as lost
 * (relay/service/sweep/sweep-reason.ts).
 */
const SWEEP_LATER_MS = 600_000;

/**
 * The cloud functions: relay/service over simulated far ends. Each request has a process of its own, which may die
 * before it answers.
 */
export class SimulatedFunctions {
  readonly #env: Environment;
  readonly #far: FarEnds;
  readonly #senderId: string;
  #progress: SweepProgress = { unpublished: [] };

  constructor(env: Environment, far: FarEnds, senderId: string) {
    this.#env = env;
    this.#far = far;
    this.#senderId = senderId;
  }

  /** A POST. Never settles if its function dies. */
  async accept(message: DownstreamMessage): Promise<Acceptance['outcome']> {
    const process = this.#begin(message.message_id, ACCEPT_MS);
    const { store, now, random } = this.#ports(process);
    const queue = this.#far.topics.lanes(process);
    const { outcome } = await accept({ store, queue, now, random, hash }, ORIGIN, {
      senderId: this.#senderId,
      message,
    });
    process.alive = false;
    return outcome;
  }

  /** A DELETE. Never settles if its function dies; rejects when the far ends fail. */
  async cancel(messageId: string): Promise<Cancellation['outcome']> {
    const process = this.#begin(messageId, CANCEL_MS);
    const wait = (ms: number): Promise<void> => process.promise((resolve) => void process.after(ms, () => resolve()));
    try {
      const { outcome } = await cancel({ ...this.#ports(process), wait }, { senderId: this.#senderId, messageId });
      return outcome;
    } finally {
      process.alive = false;
    }
  }

  /**
   * Runs minutes after everything else, and ends what a dead DELETE left behind. It must not be needed for anything
   * that was lost. Resolves with whether nothing failed.
   */
  async sweep(): Promise<boolean> {
    const { store, events, now } = this.#ports(new Process('function', this.#env.clock));
    const later = (): number => now() + SWEEP_LATER_MS;
    const { failed } = await sweep(
      {
        store,
        events,
        now: later,
        unsettled: {
          page: (_sender, after) =>
            Promise.resolve(after === undefined ? this.#far.firestore.documents.unsettled() : []),
        },
        backlog: { oldestAtMs: () => Promise.resolve(later()) },
        progress: {
          load: () => Promise.resolve(this.#progress),
          save: (_sender, progress) => Promise.resolve(void (this.#progress = progress)),
        },
      },
      this.#senderId,
      { endMs: Infinity },
    );
    return failed === 0;
  }

  #begin(id: string, diesWithinMs: number): Process {
    const { clock, dice, faults, journal } = this.#env;
    const process = new Process('function', clock);
    if (!dice.chance(faults.functionDies)) return process;
    process.after(dice.between(0, diesWithinMs), () => {
      journal.note({ kind: 'functionDied', id });
      process.alive = false;
    });
    return process;
  }

  #ports(process: Process) {
    const { clock, dice } = this.#env;
    const { firestore, topics } = this.#far;
    return {
      store: new SimulatedStore(process, firestore),
      events: topics.publisher(process),
      now: () => Math.floor(clock.nowMs),
      random: dice.next,
    };
  }
}
