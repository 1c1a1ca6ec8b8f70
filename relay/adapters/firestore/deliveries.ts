import type { DeliveryStore, MessageKey, StoredDelivery } from '../../model/ports.ts';
import { DocumentReads } from './document-reads.ts';
import type { Gateway } from './gateway.ts';
import { formatVersion, FirestoreMessages, messageName } from './messages.ts';
import { decodeDelivery, DELIVERY_PATHS } from './record-codec.ts';

/** The documents of FirestoreMessages for the worker: transfers and decodes only the fields a delivery needs. */
export class FirestoreDeliveries implements DeliveryStore {
  readonly create: DeliveryStore['create'];
  readonly update: DeliveryStore['update'];
  readonly #gateway: Gateway;
  readonly #reads: DocumentReads;

  constructor(gateway: Gateway) {
    const messages = new FirestoreMessages(gateway);
    this.create = (key, record) => messages.create(key, record);
    this.update = (key, version, change) => messages.update(key, version, change);
    this.#gateway = gateway;
    this.#reads = new DocumentReads(gateway, DELIVERY_PATHS);
  }

  async read(key: MessageKey): Promise<StoredDelivery | undefined> {
    const name = messageName(await this.#gateway.root(), key);
    const document = name === undefined ? undefined : await this.#reads.read(name);
    return document && { record: decodeDelivery(document), version: formatVersion(document.updateTime) };
  }
}
