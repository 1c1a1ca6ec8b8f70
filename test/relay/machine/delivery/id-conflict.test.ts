import { XMPP_TRAITS } from '../../../../relay/adapters/xmpp/link.ts';
import { messageOf } from '../../../../relay/model/message.ts';
import { keyedHash } from '../../../../relay/model/token-hash.ts';
import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import { Relay } from '../../../../relay/machine/relay.ts';
import { DEFAULTS } from '../../../../relay/machine/turn/config.ts';
import { Driver, hash, SENDER, TOKEN } from '../support/driver.ts';

const ANOTHER = { contentHash: 'of another message', owner: 'user:victim' };
const content = (messageId: string): string =>
  canonicalContent({
    senderId: SENDER,
    message: { message_id: messageId, to: TOKEN, priority: 'normal', time_to_live: 86_400 },
  });

describe('the document that is read before a first send is', () => {
  test.each([
    ['that of the message', { contentHash: hash(content('m1')) }],
    ['of unknown content', {}],
  ])('%s: it is sent', (_, record) => {
    const driver = new Driver().open();
    driver.pull('m1');
    driver.answerRead('m1', record);
    expect(driver.did()).toContain('send m1 on c1');
  });

  test.each(['queued', 'sent', 'acked', 'dead'] as const)(
    "another message's, which is %s: nacked under a ce-id of its own, never sent, and not a write",
    (state) => {
      const driver = new Driver().open();
      const lease = driver.pull('m1', { repeated: true });
      driver.answerRead('m1', { ...ANOTHER, state, attempts: 7 });
      const { events } = driver.only('announce');
      expect(events).toEqual([
        expect.objectContaining({
          id: `${SENDER}/m1/conflict/${hash(content('m1')).slice(0, 32)}`,
          type: 'fcm.message.nacked',
          data: expect.objectContaining({
            message_id: 'm1',
            state: 'nacked',
            attempts: 0,
            error: 'MESSAGE_ID_CONFLICT',
          }),
        }),
      ]);
      expect(driver.notes('settled')).toMatchObject([
        { state: 'nacked', error: 'MESSAGE_ID_CONFLICT', knownBefore: false },
      ]);
      expect(driver.did()).toEqual(['read m1', 'announce m1 message.nacked']);
      driver.announced('m1');
      expect(driver.did()).toEqual([`ackLease ${lease}`]);
    },
  );
});

test("where there was no document, and another message's comes before the claim: it is not sent", () => {
  const driver = new Driver().open();
  driver.pull('m1', { repeated: true });
  driver.missing('m1');
  expect(driver.did()).toEqual(['read m1', 'create m1 sent']);
  driver.conflicted('m1');
  driver.answerRead('m1', ANOTHER);
  expect(driver.did()).toEqual(['read m1', 'announce m1 message.nacked']);
});

test('a cancel of the other message is not that of this one', () => {
  const driver = new Driver().open();
  driver.pull('m1');
  driver.answerRead('m1', { ...ANOTHER, cancelRequestedAtMs: driver.nowMs });
  expect(driver.did()).toEqual(['read m1', 'announce m1 message.nacked']);
});

test('a document that was written under the key of before is that of the message', () => {
  const previousHash = keyedHash('the key of before');
  const relay = new Relay(
    { ...DEFAULTS, senderId: SENDER, traits: XMPP_TRAITS },
    { random: () => 0.5, hash, previousHash },
  );
  const driver = Object.assign(new Driver(), { relay }).open();
  driver.pull('m1');
  driver.answerRead('m1', { contentHash: previousHash(content('m1')) });
  expect(driver.did()).toContain('send m1 on c1');
});

test('the events of a message name its owner, and those of a conflict the one who was refused', () => {
  const driver = new Driver().open();
  driver.feed({
    kind: 'pulled',
    lease: 900,
    lane: 'normal',
    deliveryAttempt: 1,
    message: messageOf({
      senderId: SENDER,
      acceptedAtMs: driver.nowMs,
      owner: 'key:shop',
      message: { message_id: 'm1', to: TOKEN, priority: 'normal', time_to_live: 60 },
    }),
  });
  driver.answerRead('m1', ANOTHER);
  expect(driver.only('announce').events).toMatchObject([{ owner: 'key:shop' }]);
});
