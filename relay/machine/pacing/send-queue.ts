import type { Priority } from '../../protocol/legacy/message.ts';
import { Lanes } from './lanes.ts';

/**
 * Why a message is in line.
 * - `resumed`: its turn had come already: CCS did not take it because its connection drains (protocol §4: resend at
 *   once), or its claim met a conflict.
 * - `fresh`: it has not been sent from here.
 * - `returned`: its wait is over.
 * - `suspect`: its connection ended before it was answered; it may be what ended it (suspicion.ts).
 */
export type Standing = 'resumed' | 'fresh' | 'returned' | 'suspect';

/**
 * While fresh messages wait, one in so many that are taken is `returned` or `suspect`. What fails again and again then
 * takes 1/32 of the sends, so that with 1 % of the messages failing for good the others keep more than 95 % of their
 * throughput.
 */
export const AGAIN_SHARE = 32;

/** The messages that wait for room on a connection: by standing, and within it by lane. */
export class SendQueue<Item> {
  readonly #lanes: Readonly<Record<Standing, Lanes<Item>>> = {
    resumed: new Lanes(),
    fresh: new Lanes(),
    returned: new Lanes(),
    suspect: new Lanes(),
  };
  #sinceAgain = 0;
  #last: 'returned' | 'suspect' = 'suspect';

  /** Those that have not been sent from here. */
  get fresh(): number {
    return this.#lanes.fresh.size;
  }

  push(standing: Standing, priority: Priority, item: Item): void {
    this.#lanes[standing].push(priority, item);
  }

  /** @param maySuspect whether it may be a `suspect` one now */
  take(maySuspect: boolean): Item | undefined {
    const { resumed, fresh } = this.#lanes;
    const first = resumed.take();
    if (first !== undefined) return first;
    if (this.#sinceAgain < AGAIN_SHARE - 1) {
      const item = fresh.take();
      if (item !== undefined) {
        this.#sinceAgain++;
        return item;
      }
    }
    this.#sinceAgain = 0;
    return this.#takeAgain(maySuspect) ?? fresh.take();
  }

  /** The first that will do; a fresh one if there is any. Linear: for a single pick. @param from see Lanes */
  takeFirst(accepts: (item: Item) => boolean, from = 0): Item | undefined {
    const { resumed, fresh, returned } = this.#lanes;
    return fresh.takeFirst(accepts, from) ?? resumed.takeFirst(accepts, from) ?? returned.takeFirst(accepts, from);
  }

  /** The two take turns. */
  #takeAgain(maySuspect: boolean): Item | undefined {
    const { returned, suspect } = this.#lanes;
    const suspectsTurn = maySuspect && suspect.size > 0 && (this.#last === 'returned' || returned.size === 0);
    this.#last = suspectsTurn ? 'suspect' : 'returned';
    return (suspectsTurn ? suspect : returned).take();
  }
}
