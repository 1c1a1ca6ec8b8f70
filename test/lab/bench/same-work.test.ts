/** The other sides of `accept` and `upstream` write and publish the same as the relay: fields, bytes, attributes. */
import { Timestamp } from '@google-cloud/firestore';
import { documentOf, queuedOf } from '../../../lab/bench/accept/raw-message.ts';
import { messageOf } from '../../../lab/bench/load-job.ts';
import { SENDER } from '../../../lab/bench/sender.ts';
import { deviceMessage, eventOf } from '../../../lab/bench/upstream/device-message.ts';
import { encodeRecord } from '../../../relay/adapters/firestore/record-codec.ts';
import { plainFields } from '../../../relay/adapters/firestore/wire.ts';
import { pubSubEvents } from '../../../relay/adapters/pubsub/events.ts';
import type { Outgoing, Publisher } from '../../../relay/adapters/pubsub/publisher.ts';
import { pubSubQueue } from '../../../relay/adapters/pubsub/queue.ts';
import { topicNames } from '../../../relay/adapters/pubsub/topology.ts';
import { queuedRecord } from '../../../relay/model/new-record.ts';
import { queueSigner } from '../../../relay/model/signer.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';

const NOW_MS = 1_790_000_000_000;
const published: Outgoing[] = [];
const publisher: Publisher = {
  publish: (_, message) => {
    published.push(message);
    return Promise.resolve();
  },
  drain: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const hash = keyedHash('bench');

beforeEach(() => void published.splice(0));

test('documents', () => {
  const theirs = plainFields(
    encodeRecord(
      queuedRecord(
        { hash, now: () => NOW_MS, random: () => 0 },
        { senderId: SENDER.id, message: messageOf(7) },
        'key:bench',
      ),
    ),
  );
  const ours = JSON.parse(
    JSON.stringify(documentOf(7, NOW_MS), (_, value: unknown) => (isTimestamp(value) ? asMs(value) : value)),
  ) as object;
  expect(blank(ours)).toEqual(blank(theirs));
});

test('queue messages', async () => {
  const queued = { senderId: SENDER.id, acceptedAtMs: NOW_MS, owner: 'bench', message: messageOf(7) };
  await pubSubQueue(publisher, topicNames(), queueSigner({ current: 'bench' })).enqueue(queued);
  const [theirs] = published;
  const ours = queuedOf(7, NOW_MS);
  expect(ours.data).toEqual(theirs?.data);
  expect(blank(ours.attributes)).toEqual(blank(theirs?.attributes ?? {}));
});

test('upstream events', async () => {
  const { messageId, from, category, data } = deviceMessage(7);
  const event = {
    sender_id: SENDER.id,
    message_id: messageId,
    from,
    category,
    data,
    received_at: new Date(NOW_MS).toISOString(),
  };
  await pubSubEvents(publisher, topicNames()).publish({
    id: `${SENDER.id}/${hash('7')}`,
    type: 'fcm.upstream.received',
    senderId: SENDER.id,
    timeMs: NOW_MS,
    data: event,
  });
  const [theirs] = published;
  const ours = eventOf(7, NOW_MS);
  expect(ours.data).toEqual(theirs?.data);
  expect(blank(ours.attributes)).toEqual(blank(theirs?.attributes ?? {}));
});

/** `toJSON` has run before the replacer sees it. */
const isTimestamp = (value: unknown): value is { readonly seconds: number; readonly nanoseconds: number } =>
  typeof value === 'object' && value !== null && 'nanoseconds' in value;
const asMs = ({ seconds, nanoseconds }: { readonly seconds: number; readonly nanoseconds: number }): number =>
  new Timestamp(seconds, nanoseconds).toMillis();

/** Hashes may differ, but not in length. */
const blank = (fields: object): unknown =>
  JSON.parse(JSON.stringify(fields).replaceAll(/[0-9a-f]{64}|(?<="mac":")[\w-]{43}(?=")/g, 'hash'));
