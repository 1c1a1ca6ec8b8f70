import { attributeId } from '../../../../relay/adapters/pubsub/attribute.ts';
import { openPubSub } from '../../../../relay/adapters/pubsub/client.ts';
import { cutUtf8 } from '../../../../relay/adapters/pubsub/cut-utf8.ts';
import { pubSubDeadLetters } from '../../../../relay/adapters/pubsub/dead-letters.ts';
import { deadLetterSigner } from '../../../../relay/model/signer.ts';
import { pubSubEvents } from '../../../../relay/adapters/pubsub/events.ts';
import { topicNames } from '../../../../relay/adapters/pubsub/topology.ts';
import { receive, subscribed } from '../../../contract/received.ts';
import { upstream } from '../../../contract/event-publisher.contract.ts';
import { engines, namespace } from '../../../../dev/stack/engines.ts';

const client = openPubSub({ projectId: engines().projectId });
const names = topicNames(namespace().topicPrefix);
const events = pubSubEvents(client.publisher, names);
const letters = pubSubDeadLetters(client.publisher, names, deadLetterSigner({ current: 'a key for tests' }));
let upstreamSubscription: string;
let deadSubscription: string;

beforeAll(async () => {
  upstreamSubscription = await subscribed(client.pubsub, names.upstream);
  deadSubscription = await subscribed(client.pubsub, names.dead);
}, 30_000);
afterAll(() => client.close());

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

test('data nested too deep to be written is left out and marked; the event comes out all the same', async () => {
  await events.publish(upstream('deep', nested(200_000)));
  const [message] = await receive(client.pubsub, upstreamSubscription, 1);
  expect(message?.attributes).toMatchObject({ 'ce-id': 'deep', 'ce-dataomitted': 'true' });
  expect(JSON.parse(message!.data.toString())).toMatchObject({ message_id: 'deep', data: null });
});

test('an event whose id is longer than an attribute may be comes out under a shorter one that is still its own', async () => {
  const ids = ['a', 'b'].map((end) => 'i'.repeat(5000) + end);
  await Promise.all(ids.map((id) => events.publish(upstream(id, {}))));
  const received = await receive(client.pubsub, upstreamSubscription, 2);
  expect(received.map(({ attributes }) => attributes['ce-id']).sort()).toEqual(ids.map(attributeId).sort());
  expect(new Set(ids.map(attributeId)).size).toBe(2);
});

test('a detail over 1024 bytes is cut between characters', async () => {
  await letters.put({
    payload: Buffer.from('x'),
    reason: 'INVALID_REQUEST',
    detail: '€'.repeat(1000),
    origin: names.requests,
  });
  const [message] = await receive(client.pubsub, deadSubscription, 1);
  expect(message?.attributes['detail']).toBe('€'.repeat(341)); // 3 bytes each
});

test('a payload that fills a Pub/Sub message leaves no room for the detail, and comes out intact', async () => {
  const payload = Buffer.alloc(9_999_700, 'z');
  await letters.put({ payload, reason: 'TOO_LARGE', detail: 'd'.repeat(1000), origin: 'o' });
  const [message] = await receive(client.pubsub, deadSubscription, 1);
  expect(message?.data.equals(payload)).toBe(true);
  expect(message?.attributes['detail']?.length).toBeLessThan(100);
});

test('one message that Pub/Sub refuses fails alone', async () => {
  const good = Array.from({ length: 20 }, (_, at) =>
    client.publisher.publish(names.upstream, { data: Buffer.from(`good ${at}`), attributes: {} }),
  );
  const bad = client.publisher.publish(names.upstream, { data: Buffer.alloc(0), attributes: {} });
  await expect(bad).rejects.toMatchObject({ code: 3 });
  await Promise.all(good);
  expect(await receive(client.pubsub, upstreamSubscription, 20)).toHaveLength(20);
});

test('a publish to a topic that does not exist rejects', async () => {
  await expect(
    client.publisher.publish(`${names.upstream}-nowhere`, { data: Buffer.from('x'), attributes: {} }),
  ).rejects.toMatchObject({ code: 5 });
});

test.each([
  ['short', 10, 'short'],
  ['exactly10!', 10, 'exactly10!'],
  ['ééé', 5, 'éé'],
  ['ab😀', 5, 'ab'],
  ['ab😀', 6, 'ab😀'],
  ['\ud800 alone', 20, '\ufffd alone'],
  ['x', 0, ''],
  ['', 5, ''],
])('%j cut to %d bytes is %j', (text, bytes, cut) => {
  expect(cutUtf8(text, bytes)).toBe(cut);
});
