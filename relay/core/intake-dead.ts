import { settle, tellAgain, type SettlePorts } from './intake-settle.ts';
import { INTAKE_REASONS } from './intake.ts';
import type { MessageKey } from './ports.ts';
import { isTerminal } from './record.ts';

/** What stands on the dead-letter topic: a message that could not be handled. */
export interface Dead {
  readonly key?: MessageKey;
  readonly reason: string;
  readonly detail: string;
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
}

/**
 * - `settled`: the message is `dead` now; `unknown`, where a send of it may have reached FCM (guarantee 9).
 * - `repeated`: it was already, and that is told again.
 * - `left`: it ended otherwise before.
 * - `replayed`: an operator has replayed this letter meanwhile, and the message lives again.
 * - `noMessage`: there is no message to settle. The letter itself is kept by its subscription, for replay.
 */
export type Burial = 'settled' | 'repeated' | 'left' | 'replayed' | 'noMessage';

const MAX_ROUNDS = 8; // each is lost to a write of a worker that still holds the message

/** Rejects when the letter is to be delivered again. */
export async function settleDead(ports: SettlePorts, { key, reason, detail, publishedAtMs }: Dead): Promise<Burial> {
  // A request that was refused at the door never was a message: under its id there is another one, if any.
  if (key === undefined || INTAKE_REASONS.some((ours) => ours === reason)) return 'noMessage';
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const stored = await ports.store.read(key);
    if (stored === undefined) return 'noMessage';
    const { record } = stored;
    if (record.state === 'dead' || (record.state === 'unknown' && record.error === reason)) {
      await tellAgain(ports, key, record, record.state);
      return 'repeated';
    }
    if (isTerminal(record.state)) return 'left';
    if (record.replayedToMs !== undefined && publishedAtMs <= record.replayedToMs) return 'replayed';
    if (await settle(ports, key, stored, { state: record.state === 'sent' ? 'unknown' : 'dead', error: reason, errorDescription: detail })) return 'settled';
  }
  throw new Error('the message kept changing');
}
