import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRecord } from '../../../relay/adapters/firestore/record-codec.ts';
import type { Fields, Value } from '../../../relay/adapters/firestore/wire.ts';
import { pubSubEvents } from '../../../relay/adapters/pubsub/events.ts';
import type { Outgoing, Publisher } from '../../../relay/adapters/pubsub/publisher.ts';
import { pubSubQueue } from '../../../relay/adapters/pubsub/queue.ts';
import { topicNames } from '../../../relay/adapters/pubsub/topology.ts';
import { queuedRecord } from '../../../relay/model/new-record.ts';
import { deliveryEvent } from '../../../relay/model/delivery-event.ts';
import type { RelayEvent } from '../../../relay/model/event.ts';
import { queueSigner } from '../../../relay/model/signer.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';
import type { Sizes } from '../../../lab/capacity/sizes.ts';
import { MAX_TTL_SECONDS, type DownstreamRequest } from '../../../relay/protocol/legacy/message.ts';

const SENDER = '123456789012';
const ID = '01234567-89ab-4cde-8f01-23456789abcd';
const TOKEN = 'x'.repeat(163); // the length of registration tokens in practice
const OWNER = 'key:back-end';
const HASH_KEY = 'any key of 16 or more';
const AT_MS = 1_795_564_800_000;

// Pub/Sub pricing: 20 bytes for the time, and the message_id, about 17 digits, count too.
const PUBSUB_HEAD_BYTES = 20 + 17;

/** How large a message is at each of its stations: asked of the relay's own encoders. */
export function encodedSizes(payloadBytes: number): Sizes {
  const data = { d: 'x'.repeat(Math.max(0, payloadBytes - 1)) };
  const message = { message_id: ID, to: TOKEN, priority: 'normal' as const, time_to_live: MAX_TTL_SECONDS, data };
  const request: DownstreamRequest = { senderId: SENDER, message };
  const settled = { state: 'acked' as const, attempts: 1, settledAtMs: AT_MS, owner: OWNER };
  const upstream: RelayEvent = {
    id: `${SENDER}/${ID}/upstream`,
    type: 'fcm.upstream.received',
    senderId: SENDER,
    timeMs: AT_MS,
    data: {
      sender_id: SENDER,
      message_id: ID,
      from: TOKEN,
      category: 'com.example.application',
      data,
      received_at: new Date(AT_MS).toISOString(),
    },
  };
  const making = { hash: keyedHash(HASH_KEY), now: () => AT_MS, random: () => 0.5 };
  const record = { ...queuedRecord(making, request, OWNER), state: 'acked' as const, attempts: 1, settledAtMs: AT_MS };
  const names = topicNames();
  const signer = queueSigner({ current: HASH_KEY });
  const json = Buffer.byteLength(JSON.stringify(message));
  return {
    requestBytes: json + PUBSUB_HEAD_BYTES,
    laneBytes: published(
      (publisher) =>
        void pubSubQueue(publisher, names, signer).enqueue({
          ...request,
          acceptedAtMs: AT_MS,
          owner: OWNER,
        }),
    ),
    eventBytes: published(
      (publisher) =>
        void pubSubEvents(publisher, names).publish(deliveryEvent({ senderId: SENDER, messageId: ID }, settled)),
    ),
    upstreamBytes: published((publisher) => void pubSubEvents(publisher, names).publish(upstream)),
    ccsBytes: json,
    ...firestoreSize(['senders', SENDER, 'messages', ID], encodeRecord(record), exempt('messages')),
  };
}

function published(publish: (publisher: Publisher) => void): number {
  let bytes = 0;
  publish({
    publish: (_topic: string, { data, attributes }: Outgoing) => {
      bytes =
        data.length +
        Object.entries(attributes)
          .flat()
          .reduce((sum, text) => sum + Buffer.byteLength(text), PUBSUB_HEAD_BYTES);
      return Promise.resolve();
    },
    drain: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
  return bytes;
}

/** Firestore's rules of storage size: https://cloud.google.com/firestore/native/docs/storage-size */
const stringSize = (text: string): number => Buffer.byteLength(text) + 1;
const nameSize = (path: readonly string[]): number => path.reduce((sum, part) => sum + stringSize(part), 16);
const ENTRY_BYTES = 32; // per document, per map in it, per index entry with collection scope
const ENTRIES_A_FIELD = 2; // ascending and descending, automatic for every field that is not exempt

function valueSize(value: Value): number {
  if ('stringValue' in value) return stringSize(value.stringValue);
  if ('mapValue' in value) return ENTRY_BYTES + fieldsSize(value.mapValue.fields);
  return 8;
}
const fieldsSize = (fields: Fields): number =>
  Object.entries(fields).reduce((sum, [name, value]) => sum + stringSize(name) + valueSize(value), 0);

/** @param exempt fields without an index (firestore.indexes.json) */
export function firestoreSize(
  path: readonly string[],
  fields: Fields,
  exempt: ReadonlySet<string>,
): Pick<Sizes, 'documentBytes' | 'indexBytes'> {
  const entryBytes = nameSize(path) + nameSize(path.slice(0, -2)) + ENTRY_BYTES;
  const indexed = leaves(fields).filter(([name]) => !exempt.has(name));
  return {
    documentBytes: nameSize(path) + fieldsSize(fields) + ENTRY_BYTES,
    indexBytes: indexed.reduce(
      (sum, [name, value]) => sum + ENTRIES_A_FIELD * (entryBytes + stringSize(name) + valueSize(value)),
      0,
    ),
  };
}

/** A map has no index entry of its own: each field in it has. */
const leaves = (fields: Fields, prefix = ''): readonly (readonly [string, Value])[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    'mapValue' in value ? leaves(value.mapValue.fields, `${prefix}${name}.`) : [[`${prefix}${name}`, value] as const],
  );

interface IndexFile {
  readonly fieldOverrides: readonly {
    readonly collectionGroup: string;
    readonly fieldPath: string;
    readonly indexes: readonly unknown[];
  }[];
}

function exempt(collection: string): ReadonlySet<string> {
  const file = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../firestore.indexes.json'), 'utf8'),
  ) as IndexFile;
  return new Set(
    file.fieldOverrides
      .filter(({ collectionGroup, indexes }) => collectionGroup === collection && indexes.length === 0)
      .map(({ fieldPath }) => fieldPath),
  );
}
