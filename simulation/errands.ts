import type { Effect } from '../relay/core/effect.ts';
import type { Input } from '../relay/core/input.ts';
import { Excuse } from './excuse.ts';
import type { Actor } from './fact.ts';
import type { FarEnds } from './far-ends.ts';
import type { WriteAnswer } from './firestore.ts';
import type { Surroundings } from './surroundings.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

/** What one worker asks of Firestore and of the topics. */
export class Errands {
  readonly #worker: Actor;
  readonly #around: Surroundings;
  readonly #far: FarEnds;
  readonly #feed: (input: Input) => void;
  readonly excuse = new Excuse();

  constructor(worker: Actor, around: Surroundings, far: FarEnds, feed: (input: Input) => void) {
    this.#worker = worker;
    this.#around = around;
    this.#far = far;
    this.#feed = feed;
  }

  store(effect: Of<'read' | 'create' | 'write'>): void {
    const { messageId } = effect;
    const { firestore } = this.#far;
    const answer = (input: Input): void => {
      this.excuse.answered(messageId, input.kind !== 'storeFailed', this.#around.clock.nowMs);
      this.#feed(input);
    };
    const failed = { kind: 'storeFailed', messageId } as const;
    const done = (written: WriteAnswer): void => {
      if (!written.ok) return answer(failed);
      answer(written.version === undefined ? { kind: 'conflicted', messageId } : { kind: 'written', messageId, version: written.version });
    };
    this.excuse.asked(messageId, this.#around.clock.nowMs);
    if (effect.kind === 'create') firestore.create(this.#worker, messageId, effect.record, done);
    else if (effect.kind === 'write') firestore.update(this.#worker, messageId, effect, done);
    else firestore.read(this.#worker, messageId, (read) => answer(read.ok ? { kind: 'read', messageId, stored: read.stored } : failed));
  }

  publish(effect: Of<'announce' | 'publish'>): void {
    const [id, events] = effect.kind === 'announce' ? [effect.messageId, effect.events] : [effect.key, [effect.event]];
    this.excuse.asked(id, this.#around.clock.nowMs);
    this.#far.topics.publish(this.#worker, id, events, (ok) => {
      this.excuse.answered(id, ok, this.#around.clock.nowMs);
      if (effect.kind === 'announce') this.#feed({ kind: ok ? 'announced' : 'announceFailed', messageId: id });
      else this.#feed({ kind: ok ? 'published' : 'publishFailed', key: id });
    });
  }
}
