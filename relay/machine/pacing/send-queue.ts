import type { Priority } from '../../protocol/legacy/message.ts';
import { Lanes } from './lanes.ts';

/**
 * Why a message is in line.
 * - `resumed`: its turn had come before, but its connection was draining (protocol §4: resend at once), or its claim
 *   met
 *   a conflict.
 * - `fresh`: it has not been sent from here.
 * - `returned`: its wait is over.
 * - `suspect`: its connection ended before it was answered, and it may be the reason (suspicion.ts).
 */
export type Standing = 'resumed' | 'fresh' | 'returned' | 'suspect';

/**
 * While fresh messages wait, one in this many that are taken is `returned` or `suspect`. Messages that fail again and
 * again then take 1/32 of the sends: with 1 % of messages failing for good, the others keep over 95 % of their
 * throughput.
 */
export const AGAIN_SHARE = 32;

/** Messages waiting for room on a connection, by standing and then by lane. */
export class SendQueue<Item> {
  readonly #lanes: Readonly<Record<Standing, Lanes<Item>>> = {
    resumed: new Lanes(),
    fresh: new Lanes(),
    returned: new Lanes(),
    suspect: new Lanes(),
  };
  #sinceAgain = 0;
  #last: 'returned' | 'suspect' = 'suspect';

  /** How many have not been sent from here. */
  get fresh(): number {
    return this.#lanes.fresh.size;
  }

  push(standing: Standing, priority: Priority, item: Item): void {
    this.#lanes[standing].push(priority, item);
  }

  /** @param maySuspect whether a `suspect` one may be taken */
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

  /** The first that will do, a fresh one if possible. Linear: for a single pick. @param from see Lanes */
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
