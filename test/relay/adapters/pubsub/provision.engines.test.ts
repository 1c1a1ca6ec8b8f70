import { PubSub } from '@google-cloud/pubsub';
import { deadLetterGrants, plan, provision, WrongTopicError } from '../../../../relay/adapters/pubsub/provision.ts';
import { topicNames, topology } from '../../../../relay/adapters/pubsub/topology.ts';
import { engines, namespace } from '../../../../dev/stack/engines.ts';

const { senderId, topicPrefix } = namespace();
const names = topicNames(topicPrefix);
const wanted = topology([senderId], topicPrefix);
const pubsub = new PubSub({ projectId: engines().projectId });
afterAll(() => pubsub.close());

const said = (changes: Awaited<ReturnType<typeof plan>>) =>
  changes.map(({ action, name, fields }) => [action, name.slice(topicPrefix.length), ...fields].join(' '));

test('a plan for an empty project names everything and makes nothing', async () => {
  const first = said(await plan(pubsub, wanted));
  expect(first).toHaveLength(wanted.topics.length + wanted.subscriptions.length);
  expect(said(await plan(pubsub, wanted))).toEqual(first);
});

test('two runs at once leave the whole topology, and a further run changes nothing', async () => {
  await Promise.all([provision(pubsub, wanted), provision(pubsub, wanted)]);
  expect(said(await provision(pubsub, wanted))).toEqual([]);
});

test('a lane subscription pulls, backs off from 10 s to 600 s and forwards to the dead-letter topic after 100 attempts', async () => {
  const [metadata] = await pubsub.subscription(names.laneSubscription(senderId, 'high')).getMetadata();
  expect(metadata).toMatchObject({
    topic: `projects/demo-relay/topics/${names.lane(senderId, 'high')}`,
    ackDeadlineSeconds: 30,
    pushConfig: { pushEndpoint: '' },
    expirationPolicy: { ttl: null },
    retryPolicy: { minimumBackoff: { seconds: '10' }, maximumBackoff: { seconds: '600' } },
    deadLetterPolicy: { deadLetterTopic: `projects/demo-relay/topics/${names.dead}`, maxDeliveryAttempts: 100 },
  });
});

test.each(['requests', 'dead'] as const)(
  'what is published to the topic of %s is kept for a week, whatever becomes of its subscriptions',
  async (topic) => {
    const [metadata] = await pubsub.topic(names[topic]).getMetadata();
    expect(metadata.messageRetentionDuration).toMatchObject({ seconds: String(7 * 86_400) });
  },
);

test('what users subscribe to has no subscription of ours', async () => {
  for (const topic of [names.upstream, names.deliveryEvents])
    expect((await pubsub.topic(topic).getSubscriptions())[0]).toEqual([]);
});

test('what somebody changed by hand is put back, and only that', async () => {
  const subscription = pubsub.subscription(names.laneSubscription(senderId, 'normal'));
  await subscription.setMetadata({
    ackDeadlineSeconds: 10,
    deadLetterPolicy: { deadLetterTopic: `projects/demo-relay/topics/${names.dead}`, maxDeliveryAttempts: 5 },
    pushConfig: { pushEndpoint: 'http://127.0.0.1:1/' },
  });
  await pubsub.topic(names.requests).setMetadata({ messageRetentionDuration: { seconds: 600 } });
  await pubsub.topic(names.dead).setMetadata({ messageRetentionDuration: { seconds: 600 } });
  await pubsub.subscription(names.deadKeep).delete();
  expect(said(await provision(pubsub, wanted))).toEqual([
    'correct fcm-downstream-dead messageRetentionDuration',
    'correct fcm-downstream-requests messageRetentionDuration',
    'create fcm-downstream-dead-keep',
    `correct fcm-downstream-${senderId}-normal-worker ackDeadlineSeconds pushConfig deadLetterPolicy`,
  ]);
  expect(said(await plan(pubsub, wanted))).toEqual([]);
});

test('a subscription on the wrong topic is refused by name: Pub/Sub cannot move it', async () => {
  const other = namespace();
  const theirs = topicNames(other.topicPrefix);
  await pubsub.topic(names.upstream).createSubscription(theirs.deadKeep);
  const error: unknown = await provision(pubsub, topology([other.senderId], other.topicPrefix)).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WrongTopicError);
  expect(String(error)).toContain(theirs.deadKeep);
  expect((await pubsub.topic(theirs.requests).exists())[0]).toBe(false); // planned before anything is made
});

test('two senders with a prefix get the names of design.md, each once', () => {
  const { topics, subscriptions } = topology(['11', '22', '11'], 'dev-');
  expect(topics.map(({ name }) => name)).toEqual([
    'dev-fcm-downstream-dead',
    'dev-fcm-downstream-requests',
    'dev-fcm-upstream',
    'dev-fcm-delivery-events',
    'dev-fcm-downstream-11-high',
    'dev-fcm-downstream-11-normal',
    'dev-fcm-downstream-22-high',
    'dev-fcm-downstream-22-normal',
  ]);
  expect(subscriptions.map(({ name }) => name)).toEqual([
    'dev-fcm-downstream-dead-keep',
    'dev-fcm-downstream-11-high-worker',
    'dev-fcm-downstream-11-normal-worker',
    'dev-fcm-downstream-22-high-worker',
    'dev-fcm-downstream-22-normal-worker',
  ]);
});

test('the sender of a lane is read from its subscription', () => {
  const dev = topicNames('dev-');
  expect(dev.senderOfLane(dev.laneSubscription('42', 'normal'))).toBe('42');
  for (const other of [
    'fcm-downstream-42-high-worker',
    'dev-fcm-downstream-42-low-worker',
    'dev-fcm-downstream-dead-keep',
  ])
    expect(dev.senderOfLane(other)).toBeUndefined();
});

test('a prefix or sender id that makes no valid name is refused', () => {
  for (const prefix of ['1x', 'goog-', 'a b', '-']) expect(() => topicNames(prefix)).toThrow(RangeError);
  expect(() => topology(['12a', ''])).toThrow('"12a", ""');
});

test('a real project is told to grant the service agent both halves of forwarding', () => {
  const [agent, ...grants] = deadLetterGrants('acme', topology(['11']));
  expect(agent).toContain(
    "$(gcloud projects describe acme --format='value(projectNumber)')@gcp-sa-pubsub.iam.gserviceaccount.com",
  );
  expect(grants.map((line) => line.replace(/ --project=acme --member="\$AGENT" --role=roles\/pubsub/, ''))).toEqual([
    'gcloud pubsub topics add-iam-policy-binding fcm-downstream-dead.publisher',
    'gcloud pubsub subscriptions add-iam-policy-binding fcm-downstream-11-high-worker.subscriber',
    'gcloud pubsub subscriptions add-iam-policy-binding fcm-downstream-11-normal-worker.subscriber',
  ]);
});
