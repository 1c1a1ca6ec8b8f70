import type { RelayEvent } from '../../relay/model/event.ts';
import type { EventPublisher } from '../../relay/model/ports.ts';
import { EVERY_KIND_OF_TEXT } from './every-kind-of-text.ts';

export interface EventsUnderTest {
  readonly publisher: EventPublisher;
  /** The next `count` events of a topic, in any order. */
  readonly received: (topic: 'fcm-upstream' | 'fcm-delivery-events', count: number) => Promise<readonly RelayEvent[]>;
  readonly close: () => Promise<void>;
}

const SENDER = '1234567890';
const AT = 1_790_000_000_321;

const acked: RelayEvent = {
  type: 'fcm.message.acked',
  id: 'm1/acked',
  senderId: SENDER,
  timeMs: AT,
  owner: 'user:Zoë',
  data: { sender_id: SENDER, message_id: 'm1', state: 'acked', attempts: 1 },
};
const unregistered: RelayEvent = {
  type: 'fcm.registration.unregistered',
  id: 'm2/unregistered',
  senderId: SENDER,
  timeMs: AT,
  data: { sender_id: SENDER, message_id: 'm2', registration_token: 'a token', error: 'DEVICE_UNREGISTERED' },
};
export const upstream = (id: string, data: unknown): RelayEvent => ({
  type: 'fcm.upstream.received',
  id,
  senderId: SENDER,
  timeMs: AT,
  data: {
    sender_id: SENDER,
    message_id: id,
    from: 'a token',
    category: null,
    data,
    received_at: new Date(AT).toISOString(),
  },
});

const byId = (a: RelayEvent, b: RelayEvent): number => (a.id < b.id ? -1 : 1);

const OPENING_MS = 30_000; // the SDK loads its protocol at the first call

export function eventPublisherContract(name: string, open: () => Promise<EventsUnderTest>): void {
  describe(`EventPublisher: ${name}`, () => {
    let subject: EventsUnderTest;
    beforeAll(async () => {
      subject = await open();
    }, OPENING_MS);
    afterAll(() => subject.close());

    test('what becomes of messages and tokens comes out on fcm-delivery-events', async () => {
      await Promise.all([subject.publisher.publish(acked), subject.publisher.publish(unregistered)]);
      expect((await subject.received('fcm-delivery-events', 2)).toSorted(byId)).toEqual([acked, unregistered]);
    });

    test('what devices send comes out on fcm-upstream, every kind of text as it was', async () => {
      const sent = EVERY_KIND_OF_TEXT.map((text, at) =>
        upstream(`u${at}`, { text, [`key ${text}`]: [null, 1, true, { text }] }),
      );
      await Promise.all(sent.map((event) => subject.publisher.publish(event)));
      expect((await subject.received('fcm-upstream', sent.length)).toSorted(byId)).toEqual(sent);
    });

    test.each([null, 'text', 0, [], {}])('data that is %j comes out so', async (data) => {
      await subject.publisher.publish(upstream('odd', data));
      expect(await subject.received('fcm-upstream', 1)).toEqual([upstream('odd', data)]);
    });
  });
}
