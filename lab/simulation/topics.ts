import type { RelayEvent } from '../../relay/model/event.ts';
import type { DownstreamQueue, EventPublisher } from '../../relay/model/ports.ts';
import { isTerminal, type MessageState, type TerminalState } from '../../relay/model/record.ts';
import type { Actor } from './fact.ts';
import type { Process } from './process.ts';
import type { Queue } from './queue.ts';
import type { Environment } from './environment.ts';

/**
 * The topics of the lanes and of the events. A publish that fails may have happened all the same.
 */
export class Topics {
  readonly #env: Environment;
  readonly #queue: Queue;
  #awayUntilMs = 0;

  constructor(env: Environment, queue: Queue) {
    this.#env = env;
    this.#queue = queue;
  }

  goAway(forMs: number): void {
    this.#awayUntilMs = this.#env.clock.nowMs + forMs;
    this.#env.journal.note({ kind: 'outage', of: 'pubsub', forMs: Math.round(forMs) });
  }

  publisher(process: Process): EventPublisher {
    return {
      publish: (event) =>
        this.#ask(process, String(event.data.message_id), () => this.#published(process.actor, event)),
    };
  }

  lanes(process: Process): DownstreamQueue {
    return {
      enqueue: (queued) => {
        const { message_id: id } = queued.message;
        return this.#ask(process, id, () => {
          this.#env.journal.note({ kind: 'enqueued', id, repeated: queued.repeated === true });
          this.#queue.add(queued);
        });
      },
    };
  }

  #ask(process: Process, id: string, work: () => void): Promise<void> {
    const { clock, dice, faults, journal } = this.#env;
    const away = clock.nowMs < this.#awayUntilMs;
    const fails = away || dice.chance(faults.publishFails);
    const happens = !fails || (!away && dice.chance(0.5));
    return process.promise((resolve, reject) => {
      clock.after(away ? dice.between(100, 3_000) : dice.between(1, 20), () => {
        if (happens) work();
        clock.after(dice.between(1, 20), () => {
          if (!fails) return resolve();
          journal.note({ kind: 'publishTrouble', worker: process.actor, id });
          reject(new Error('unavailable'));
        });
      });
    });
  }

  #published(worker: Actor, event: RelayEvent): void {
    const { journal } = this.#env;
    const id = String(event.data.message_id);
    const state = event.type.slice('fcm.message.'.length);
    if (event.type === 'fcm.upstream.received') journal.note({ kind: 'upstreamPublished', worker, id });
    else if (event.type.startsWith('fcm.message.') && isEnd(state))
      journal.note({ kind: 'announced', worker, id, state });
  }
}

const isEnd = (state: string): state is TerminalState => isTerminal(state as MessageState);
