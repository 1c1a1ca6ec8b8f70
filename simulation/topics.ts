import type { RelayEvent } from '../relay/core/event.ts';
import { isTerminal, type MessageState, type TerminalState } from '../relay/core/record.ts';
import type { Actor } from './fact.ts';
import type { Surroundings } from './surroundings.ts';

/** The topics that events go to. A publish that fails may have happened all the same. */
export class Topics {
  readonly #around: Surroundings;
  #awayUntilMs = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  goAway(forMs: number): void {
    this.#awayUntilMs = this.#around.clock.nowMs + forMs;
    this.#around.journal.note({ kind: 'outage', of: 'pubsub', forMs: Math.round(forMs) });
  }

  /** @param id for the journal: the message */
  publish(worker: Actor, id: string, events: readonly RelayEvent[], done: (ok: boolean) => void): void {
    const { clock, dice, trouble, journal } = this.#around;
    const away = clock.nowMs < this.#awayUntilMs;
    const fails = away || dice.chance(trouble.publishFails);
    const happens = !fails || (!away && dice.chance(0.5));
    clock.after(away ? dice.between(100, 3_000) : dice.between(1, 20), () => {
      if (happens) for (const event of events) this.#publish(worker, event);
      clock.after(dice.between(1, 20), () => {
        if (fails) journal.note({ kind: 'publishTrouble', worker, id });
        done(!fails);
      });
    });
  }

  #publish(worker: Actor, event: RelayEvent): void {
    const { journal } = this.#around;
    const id = String(event.data.message_id);
    const state = event.type.slice('fcm.message.'.length);
    if (event.type === 'fcm.upstream.received') journal.note({ kind: 'upstreamPublished', worker, id });
    else if (event.type.startsWith('fcm.message.') && isEnd(state)) journal.note({ kind: 'announced', worker, id, state });
  }
}

const isEnd = (state: string): state is TerminalState => isTerminal(state as MessageState);
