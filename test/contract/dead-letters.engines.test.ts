import { openPubSub } from '../../relay/adapters/pubsub/client.ts';
import { pubSubDeadLetters } from '../../relay/adapters/pubsub/dead-letters.ts';
import { originalAttributes, signedBytes } from '../../relay/adapters/pubsub/dead-letter-attributes.ts';
import { deadLetterSigner } from '../../relay/model/signer.ts';
import { topicNames } from '../../relay/adapters/pubsub/topology.ts';
import type { DeadLetter } from '../../relay/model/ports.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';
import { MemoryDeadLetters } from '../support/memory/dead-letters.ts';
import { deadLettersContract } from './dead-letters.contract.ts';
import { receive, subscribed } from './received.ts';

const KEYS = { current: 'a key for contract tests' };

deadLettersContract('in memory', () => {
  const letters = new MemoryDeadLetters();
  return Promise.resolve({
    letters,
    received: (count) => Promise.resolve(letters.letters.splice(0, count)),
    close: () => Promise.resolve(),
  });
});

deadLettersContract('Pub/Sub', async () => {
  const client = openPubSub({ projectId: engines().projectId });
  const names = topicNames(namespace().topicPrefix);
  const subscription = await subscribed(client.pubsub, names.dead);
  return {
    letters: pubSubDeadLetters(client.publisher, names, deadLetterSigner(KEYS)),
    received: async (count) => (await receive(client.pubsub, subscription, count)).map(letterOf),
    close: () => client.close(),
  };
});

function letterOf({ data, attributes }: { data: Buffer; attributes: Record<string, string> }): DeadLetter {
  const { reason = '', detail = '', origin = '', message_id: messageId, sender_id: senderId, mac } = attributes;
  const originals = originalAttributes(attributes);
  expect(deadLetterSigner(KEYS).verify(signedBytes(attributes, data), mac)).toBe(true);
  return {
    payload: data,
    reason,
    detail,
    origin,
    ...(messageId === undefined ? {} : { messageId }),
    ...(senderId === undefined ? {} : { senderId }),
    ...(originals === undefined ? {} : { attributes: originals }),
  };
}
