import { deliveryEvent } from '../../../relay/model/delivery-event.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';
import { key, record, START_MS } from '../service/service-world.ts';

test('the event of a terminal state says what the document says, and always has the same id', () => {
  const settled = {
    ...record({ attempts: 2, error: 'BAD_REGISTRATION', errorDescription: 'no such token' }),
    state: 'nacked' as const,
    settledAtMs: START_MS,
  };
  const event = deliveryEvent(key(), settled);
  expect(event).toEqual({
    id: '1234567890/m-1/nacked',
    type: 'fcm.message.nacked',
    senderId: '1234567890',
    timeMs: START_MS,
    data: {
      sender_id: '1234567890',
      message_id: 'm-1',
      state: 'nacked',
      attempts: 2,
      error: 'BAD_REGISTRATION',
      error_description: 'no such token',
    },
  });
  expect(deliveryEvent(key(), { ...settled, settledAtMs: START_MS + 1 }).id).toBe(event.id);
});

test('without an error it says nothing of one', () => {
  expect(deliveryEvent(key(), { state: 'acked', attempts: 1, settledAtMs: START_MS }).data).toStrictEqual({
    sender_id: '1234567890',
    message_id: 'm-1',
    state: 'acked',
    attempts: 1,
  });
});

test('a keyed hash is HMAC-SHA256 in hex', () => {
  // RFC 4231, test case 2
  expect(keyedHash('Jefe')('what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});
