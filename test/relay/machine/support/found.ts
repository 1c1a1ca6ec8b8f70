import type { RelayConfig } from '../../../../relay/machine/turn/config.ts';
import { Driver } from './driver.ts';

export const sends = (driver: Driver, id: string): string[] =>
  driver
    .of('send')
    .filter(({ message }) => message.messageId === id)
    .map(({ connection }) => connection);

/** Every read, claim, mark and end that is asked for succeeds, until nothing more is. */
export function store(driver: Driver): void {
  for (let done = 0; done < driver.effects.length; done++) {
    const effect = driver.effects[done];
    if (effect?.kind === 'read') driver.answerRead(effect.messageId);
    else if (effect?.kind === 'write' || effect?.kind === 'create') driver.written(effect.messageId);
    else if (effect?.kind === 'announce') driver.announced(effect.messageId);
    else if (effect?.kind === 'connect') driver.opened(effect.connection);
  }
}

export const fleet = (config: Partial<RelayConfig> = {}): Driver => new Driver(config).open();

/** Everything is stored, and every send acked but those for which something else is said. Returns how many were. */
export function ackStored(driver: Driver, odd: Readonly<Record<string, (connection: string) => void>>): number {
  let acked = 0;
  for (let done = 0; done < driver.effects.length; done++) {
    const effect = driver.effects[done];
    if (effect?.kind === 'read') driver.answerRead(effect.messageId);
    else if (effect?.kind === 'write' || effect?.kind === 'create') driver.written(effect.messageId);
    else if (effect?.kind === 'announce') driver.announced(effect.messageId);
    else if (effect?.kind === 'connect') driver.opened(effect.connection);
    else if (effect?.kind === 'send') {
      const says = odd[effect.message.messageId];
      if (says !== undefined) says(effect.connection);
      else {
        driver.ack(effect.message.messageId, effect.connection);
        acked++;
      }
    }
  }
  driver.forget();
  return acked;
}
