import type { DownstreamMessage } from '../../relay/protocol/legacy/message.ts';
import type { FarEnds } from './far-ends.ts';
import type { SimulatedFunctions } from './functions.ts';
import { Process } from './process.ts';
import type { Environment } from './environment.ts';

const PATIENCE_MS = 10_000; // then a request counts as unanswered, though its function may still be running
const POSTS = 4; // of one message, before its back end gives up
const DELETES = 3;
const PAUSE_MS = { least: 500, most: 5_000 };

/** A back end: posts messages until they are answered, posts some of them again, and cancels some. */
export class Client {
  readonly #env: Environment;
  readonly #far: FarEnds;
  readonly #functions: SimulatedFunctions;
  readonly #senderId: string;
  readonly #process: Process;
  /** Requests that are waiting for an answer. */
  waiting = 0;

  constructor(
    env: Environment,
    far: FarEnds,
    parts: { readonly functions: SimulatedFunctions; readonly senderId: string },
  ) {
    this.#env = env;
    this.#far = far;
    this.#functions = parts.functions;
    this.#senderId = parts.senderId;
    this.#process = new Process('function', env.clock);
  }

  post(message: DownstreamMessage, probe: boolean): void {
    const { clock, dice, faults, journal } = this.#env;
    const { message_id: id, priority } = message;
    const documented = probe || !dice.chance(faults.undocumented);
    journal.note({ kind: 'posted', id, lane: priority, documented, probe });
    if (documented) void this.#postUntilAnswered(message, probe ? Infinity : POSTS);
    else this.#replay(message);
    if (probe) return;
    if (documented && dice.chance(faults.repeats)) clock.after(this.#soon(), () => void this.#post(message));
    if (dice.chance(faults.cancel)) clock.after(this.#soon(), () => void this.#cancel(id));
  }

  /** At once, or some time later. */
  #soon(): number {
    return this.#env.dice.next() ** 3 * 30_000;
  }

  /** An older message whose document is gone: it comes out of the queue all the same. */
  #replay(message: DownstreamMessage): void {
    const { clock, journal } = this.#env;
    journal.note({ kind: 'postAnswered', id: message.message_id, outcome: 'accepted' });
    this.#far.queue.add({ senderId: this.#senderId, acceptedAtMs: Math.floor(clock.nowMs), message });
  }

  async #postUntilAnswered(message: DownstreamMessage, most: number): Promise<void> {
    this.waiting++;
    for (let left = most; left > 0 && !(await this.#post(message)); left--) await this.#pause();
    this.waiting--;
  }

  /** Resolves with whether it was answered 202 or 200 in time. A later answer is a promise all the same. */
  async #post(message: DownstreamMessage): Promise<boolean> {
    const { message_id: id } = message;
    const answered = this.#functions.accept(message).then((outcome) => {
      this.#env.journal.note({ kind: 'postAnswered', id, outcome });
      return outcome === 'accepted' || outcome === 'repeated';
    });
    this.waiting++;
    const satisfied = await this.#withinPatience(answered);
    this.waiting--;
    return satisfied ?? false;
  }

  async #cancel(id: string): Promise<void> {
    this.#env.journal.note({ kind: 'cancelAsked', id });
    this.waiting++;
    let outcome: string | undefined;
    for (let left = DELETES; left > 0 && outcome === undefined; left--)
      outcome = await this.#withinPatience(this.#functions.cancel(id).catch(() => undefined));
    this.waiting--;
    this.#env.journal.note({ kind: 'cancelAnswered', id, outcome: outcome ?? 'unanswered' });
  }

  #withinPatience<T>(answer: Promise<T>): Promise<T | undefined> {
    return Promise.race([answer, this.#wait(PATIENCE_MS)]);
  }

  #pause(): Promise<undefined> {
    return this.#wait(this.#env.dice.between(PAUSE_MS.least, PAUSE_MS.most));
  }

  #wait(ms: number): Promise<undefined> {
    return this.#process.promise((resolve) => void this.#process.after(ms, () => resolve(undefined)));
  }
}
