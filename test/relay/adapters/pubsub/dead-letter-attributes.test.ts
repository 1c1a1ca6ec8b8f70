import {
  letterAttributes,
  originalAttributes,
  signedBytes,
} from '../../../../relay/adapters/pubsub/dead-letter-attributes.ts';
import { readDeadLetter } from '../../../../relay/adapters/pubsub/dead-letter-reading.ts';
import { topicNames } from '../../../../relay/adapters/pubsub/topology.ts';
import { deadLetterSigner, queueSigner } from '../../../../relay/model/signer.ts';
import { encodeQueued } from '../../../../relay/protocol/queue/queued.ts';

const letter = {
  payload: Buffer.from('payload'),
  reason: 'NOT_JSON',
  detail: 'not JSON',
  origin: 'o',
  messageId: 'm-1',
  senderId: '42',
};
const KEYS = { current: 'a key for unit tests' };
const signers = { queue: queueSigner(KEYS), letter: deadLetterSigner(KEYS) };
const names = topicNames();
const read = (attributes: Readonly<Record<string, string>>, data: Buffer = letter.payload) =>
  readDeadLetter({ data, attributes }, names, signers);

describe('what a message came with', () => {
  const came = (count: number, name = 'n'): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, 'v']));

  test.each([
    ['nothing', {}, undefined],
    [
      'names that a letter has too',
      { reason: 'r', mac: 'm', 'original.x': 'y' },
      { reason: 'r', mac: 'm', 'original.x': 'y' },
    ],
    ['as many as fit', came(93), came(93)],
    ['more than fit', came(100), came(93)],
    ['a name that is too long', { a: 'b', ['x'.repeat(250)]: 'v' }, { a: 'b' }],
  ])('%s', (_, attributes, kept) => {
    const made = letterAttributes({ ...letter, attributes });
    expect(originalAttributes(made)).toEqual(kept);
    expect(Object.keys(made).length).toBeLessThanOrEqual(99); // one more is the mac
    const omitted = Object.keys(attributes).length - Object.keys(kept ?? {}).length;
    expect(made['original_omitted']).toBe(omitted === 0 ? undefined : String(omitted));
  });

  test('beside a payload that leaves no room is left out, not the letter', () => {
    const made = letterAttributes({
      ...letter,
      payload: Buffer.alloc(9_999_000),
      attributes: { a: 'v'.repeat(1_000) },
    });
    expect(made).toMatchObject({ original_omitted: '1' });
  });
});

describe('the mac of a letter', () => {
  const made = letterAttributes({ ...letter, attributes: { mac: 'of the queue' } });
  const mac = signers.letter.sign(signedBytes(made, letter.payload));

  test('holds for what the relay says, whatever Pub/Sub adds', () => {
    expect(read({ ...made, mac, googclient_deliveryattempt: '3' })).toMatchObject({
      ...letter,
      attributes: { mac: 'of the queue' },
      signedBy: { relay: true, queue: false },
    });
  });

  test.each(['reason', 'detail', 'origin', 'message_id', 'sender_id', 'original.mac'])(
    'does not hold with another %s',
    (name) => {
      expect(read({ ...made, mac, [name]: 'another' }).signedBy.relay).toBe(false);
      const without = Object.fromEntries(Object.entries({ ...made, mac }).filter(([other]) => other !== name));
      expect(read(without).signedBy.relay).toBe(false);
    },
  );

  test('does not hold with another payload, nor with words moved between them', () => {
    expect(read({ ...made, mac }, Buffer.from('payloae')).signedBy.relay).toBe(false);
    const moved = { ...made, detail: 'not JSO', origin: 'No', mac };
    expect(read(moved).signedBy.relay).toBe(false);
  });

  test('does not make an envelope of what it dead-letters', () => {
    const data = encodeQueued({
      senderId: '42',
      acceptedAtMs: 1,
      message: { message_id: 'm-1', to: 'T', priority: 'normal', time_to_live: 1 },
    });
    const buried = letterAttributes({ ...letter, payload: data, reason: 'QUEUE_NOT_SIGNED' });
    const signed = signers.letter.sign(signedBytes(buried, data));
    expect(read({ ...buried, mac: signed }, data).signedBy).toEqual({ relay: true, queue: false });
    expect(read({ mac: signed }, data).signedBy).toEqual({ relay: false, queue: false });
  });
});

test('what Pub/Sub gave up is what its envelope says, not what its attributes say', () => {
  const data = encodeQueued({
    senderId: '42',
    acceptedAtMs: 1,
    message: { message_id: 'm-1', to: 'T', priority: 'normal', time_to_live: 1 },
  });
  const attributes = {
    message_id: 'victim',
    v: '2',
    mac: signers.queue.sign(data),
    CloudPubSubDeadLetterSourceSubscription: 'fcm-downstream-7-high-worker',
  };
  expect(read(attributes, data)).toMatchObject({
    messageId: 'm-1',
    senderId: '42',
    reason: 'MAX_DELIVERY_ATTEMPTS',
    signedBy: { relay: false, queue: true },
  });
});
