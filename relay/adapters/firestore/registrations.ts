import type { RegistrationStore } from '../../model/ports.ts';
import type { RegistrationRecord } from '../../model/record.ts';
import { ConditionalWrites, type WriteSettings } from './conditional-writes.ts';
import { documentName, UnusableIdError } from './document-name.ts';
import type { Gateway } from './gateway.ts';
import { text, timestamp, type Fields } from './wire.ts';

const encode = ({ state, replacedByHash, atMs, expireAtMs }: RegistrationRecord): Fields => ({
  state: text(state),
  ...(replacedByHash === undefined ? {} : { replaced_by: text(replacedByHash) }),
  at: timestamp(atMs),
  expire_at: timestamp(expireAtMs),
});

/** `senders/{S}/registrations/{token hash}`: unconditional writes, so a repeat is harmless. */
export class FirestoreRegistrations implements RegistrationStore {
  readonly #gateway: Gateway;
  readonly #writes: ConditionalWrites;

  constructor(gateway: Gateway, settings: WriteSettings = {}) {
    this.#gateway = gateway;
    this.#writes = new ConditionalWrites(gateway, settings);
  }

  async mark(senderId: string, tokenHash: string, record: RegistrationRecord): Promise<void> {
    const name = documentName(await this.#gateway.root(), senderId, 'registrations', tokenHash);
    if (name === undefined) throw new UnusableIdError();
    await this.#writes.write({
      name,
      write: { update: { name, fields: encode(record) } },
      bytes: 300,
      isDone: () => true,
    });
  }

  drain(): Promise<void> {
    return this.#writes.drain();
  }
}
