import { setTimeout as wait } from 'node:timers/promises';
import type { Acceptance } from '../../../relay/service/accept/accept.ts';

const TRIES = 20;

/** A careful caller: it repeats what was not accepted, after the time that the answer names. */
export async function untilAccepted(submit: () => Promise<Acceptance>): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    const acceptance = await submit();
    if (acceptance.outcome === 'accepted' || (acceptance.outcome === 'repeated' && left < TRIES)) return;
    if (acceptance.outcome !== 'unavailable' || left === 1)
      throw new Error(`a request of the test was not accepted: ${acceptance.outcome}`, { cause: acceptance });
    await wait(acceptance.retryAfterSeconds * 1_000);
  }
}
