import type { MessageKey, MessageStore, StoredMessage, UnsettledMessages, Version } from '../../model/ports.ts';
import { isTerminal, MESSAGE_STATES, type MessageRecord, type RecordChange } from '../../model/record.ts';
import { ConditionalWrites, type WriteOutcome, type WriteSettings } from './conditional-writes.ts';
import { documentName, UnusableIdError } from './document-name.ts';
import { DocumentReads } from './document-reads.ts';
import type { Gateway } from './gateway.ts';
import { changedPaths, decodeRecord, encodeRecord, standsAs } from './record-codec.ts';
import type { Document, Timestamp } from './wire.ts';

const UNSETTLED = {
  arrayValue: { values: MESSAGE_STATES.filter((state) => !isTerminal(state)).map((state) => ({ stringValue: state })) },
};
const DOCUMENT_BYTES = 700; // roughly a record on the wire, without its description

/** `senders/{S}/messages/{message_id}`. Reads and writes that gather while another RPC is in flight share one. */
export class FirestoreMessages implements MessageStore, UnsettledMessages {
  readonly #gateway: Gateway;
  readonly #reads: DocumentReads;
  readonly #writes: ConditionalWrites;

  constructor(gateway: Gateway, settings: WriteSettings = {}) {
    this.#gateway = gateway;
    this.#reads = new DocumentReads(gateway);
    this.#writes = new ConditionalWrites(gateway, settings);
  }

  async read(key: MessageKey): Promise<StoredMessage | undefined> {
    const name = messageName(await this.#gateway.root(), key);
    const document = name === undefined ? undefined : await this.#reads.read(name);
    return document && stored(document);
  }

  async create(key: MessageKey, record: MessageRecord): ReturnType<MessageStore['create']> {
    const name = messageName(await this.#gateway.root(), key);
    if (name === undefined) throw new UnusableIdError();
    const fields = encodeRecord(record);
    const answer = await this.#writes.write({
      name,
      write: { update: { name, fields }, currentDocument: { exists: false } },
      bytes: DOCUMENT_BYTES + (record.errorDescription?.length ?? 0),
      isDone: (found) => found !== undefined && standsAs(found, fields),
    });
    return answer.outcome === 'refused' ? { outcome: 'exists' } : { outcome: 'created', version: versionOf(answer) };
  }

  async update(key: MessageKey, version: Version, change: RecordChange): ReturnType<MessageStore['update']> {
    const name = messageName(await this.#gateway.root(), key);
    const updateTime = parseVersion(version);
    if (name === undefined || updateTime === undefined) return { outcome: 'conflict' };
    const fields = encodeRecord(change);
    const fieldPaths = changedPaths(change);
    const answer = await this.#writes.write({
      name,
      write: { update: { name, fields }, updateMask: { fieldPaths }, currentDocument: { updateTime } },
      bytes: DOCUMENT_BYTES + (change.errorDescription?.length ?? 0),
      isDone: (found) => found !== undefined && standsAs(found, fields, fieldPaths),
    });
    return answer.outcome === 'refused' ? { outcome: 'conflict' } : { outcome: 'written', version: versionOf(answer) };
  }

  async page(
    senderId: string,
    afterMessageId: string | undefined,
    limit: number,
  ): ReturnType<UnsettledMessages['page']> {
    const root = await this.#gateway.root();
    const after = afterMessageId === undefined ? undefined : documentName(root, senderId, 'messages', afterMessageId);
    const documents = await this.#gateway.runQuery(`${root}/senders/${senderId}`, {
      from: [{ collectionId: 'messages' }],
      where: { fieldFilter: { field: { fieldPath: 'state' }, op: 'IN', value: UNSETTLED } },
      orderBy: [{ field: { fieldPath: '__name__' }, direction: 'ASCENDING' }],
      ...(after === undefined ? {} : { startAt: { values: [{ referenceValue: after }], before: false } }),
      limit: { value: limit },
    });
    return documents.map((document) => ({
      ...stored(document),
      messageId: document.name.slice(document.name.lastIndexOf('/') + 1),
    }));
  }

  /** Resolves when every read and write so far has its result. */
  async drain(): Promise<void> {
    await Promise.all([this.#reads.drain(), this.#writes.drain()]);
  }
}

/** `undefined` if no document can have that name. */
export const messageName = (root: string, { senderId, messageId }: MessageKey): string | undefined =>
  documentName(root, senderId, 'messages', messageId);

const stored = (document: Document): StoredMessage => ({
  record: decodeRecord(document),
  version: formatVersion(document.updateTime),
});

const versionOf = (answer: Extract<WriteOutcome, { outcome: 'written' }>): Version =>
  formatVersion(answer.updateTime ?? { seconds: 0, nanos: 0 });

/** A version is the document's update time, `seconds.nanos`: Firestore compares it exactly, in microseconds. */
export const formatVersion = ({ seconds, nanos }: Timestamp): Version => `${seconds}.${nanos}` as Version;

function parseVersion(version: Version): Timestamp | undefined {
  const match = /^(\d{1,12})\.(0|\d{1,6}000)$/.exec(version);
  return match?.[1] === undefined ? undefined : { seconds: match[1], nanos: Number(match[2]) };
}
