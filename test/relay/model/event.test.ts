import { topicOf } from '../../../relay/model/event.ts';
import { deliveryEvent } from '../../../relay/model/delivery-event.ts';

test('what devices send goes to fcm-upstream, every fate of a message to fcm-delivery-events', () => {
  const head = { id: '1/u/h', senderId: '1', timeMs: 0 };
  const upstream = { sender_id: '1', message_id: 'u', from: 'd', category: null, data: {}, received_at: '' };
  expect(topicOf({ ...head, type: 'fcm.upstream.received', data: upstream })).toBe('fcm-upstream');
  expect(
    topicOf(deliveryEvent({ senderId: '1', messageId: 'm' }, { state: 'acked', attempts: 1, settledAtMs: 0 })),
  ).toBe('fcm-delivery-events');
  expect(
    topicOf({
      ...head,
      type: 'fcm.message.receipt',
      data: { sender_id: '1', message_id: null, status: null, data: {} },
    }),
  ).toBe('fcm-delivery-events');
});
