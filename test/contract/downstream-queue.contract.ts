import type { DownstreamQueue } from '../../relay/model/ports.ts';
import type { DownstreamMessage, Priority } from '../../relay/protocol/legacy/message.ts';
import type { QueuedMessage } from '../../relay/protocol/queue/queued.ts';
import { EVERY_KIND_OF_TEXT } from './every-kind-of-text.ts';

export interface QueueUnderTest {
  readonly queue: DownstreamQueue;
  readonly senderId: string;
  /** The next `count` messages of a lane, as its worker would decode them, in any order. */
  readonly received: (priority: Priority, count: number) => Promise<readonly QueuedMessage[]>;
  readonly close: () => Promise<void>;
}

const message = (change: Partial<DownstreamMessage> = {}): DownstreamMessage => ({
  message_id: 'm1',
  to: 'a'.repeat(152),
  priority: 'high',
  time_to_live: 60,
  ...change,
});

const byId = (a: QueuedMessage, b: QueuedMessage): number => (a.message.message_id < b.message.message_id ? -1 : 1);

const OPENING_MS = 30_000; // the SDK loads its protocol at the first call

export function downstreamQueueContract(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`DownstreamQueue: ${name}`, () => {
    let subject: QueueUnderTest;
    beforeAll(async () => {
      subject = await open();
    }, OPENING_MS);
    afterAll(() => subject.close());
    const queued = (change: Partial<DownstreamMessage>): QueuedMessage => ({
      senderId: subject.senderId,
      acceptedAtMs: 1_790_000_000_789,
      owner: 'key:shop',
      message: message(change),
    });

    test('every kind of text comes out as it went in', async () => {
      const sent = EVERY_KIND_OF_TEXT.map((value, at) => queued({ message_id: `text-${at}`, data: { value } }));
      await Promise.all(sent.map((one) => subject.queue.enqueue(one)));
      const received = await subject.received('high', sent.length);
      expect(received.toSorted(byId)).toEqual(sent);
    });

    test('each priority has its lane', async () => {
      const high = queued({ message_id: 'urgent' });
      const normal = queued({ message_id: 'patient', priority: 'normal' });
      await Promise.all([subject.queue.enqueue(normal), subject.queue.enqueue(high)]);
      expect(await subject.received('normal', 1)).toEqual([normal]);
      expect(await subject.received('high', 1)).toEqual([high]);
    });

    test('of a thousand handed in at once each arrives', async () => {
      const sent = Array.from({ length: 1000 }, (_, at) =>
        queued({ message_id: `bulk-${String(at).padStart(4, '0')}` }),
      );
      await Promise.all(sent.map((one) => subject.queue.enqueue(one)));
      const received = await subject.received('high', sent.length);
      expect(received.toSorted(byId)).toEqual(sent);
    });
  });
}
