import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LaneSource, PulledMessage } from '../../relay/adapters/pubsub/lane-source.ts';
import { EVERY_KIND_OF_TEXT } from './every-kind-of-text.ts';

export interface Lane {
  readonly publish: (data: Buffer | string, attributes?: Record<string, string>) => Promise<void>;
  /** A source on this lane, not started; the one before it must be closed. */
  readonly source: () => LaneSource;
}

export interface LanesUnderTest {
  /** An empty lane whose sources let the handler hold `maxMessages`. */
  readonly newLane: (maxMessages: number) => Promise<Lane>;
  readonly close: () => Promise<void>;
}

/** Whatever a started source has handed over so far. */
class Handed {
  readonly messages: PulledMessage[] = [];
  readonly source: LaneSource;

  constructor(source: LaneSource) {
    this.source = source;
    source.start((message) => this.messages.push(message));
  }

  async atLeast(count: number): Promise<readonly PulledMessage[]> {
    for (let waitedMs = 0; this.messages.length < count; waitedMs += 5) {
      if (waitedMs > 12_000) throw new Error(`${this.messages.length} of ${count} messages came`);
      await delay(5);
    }
    return this.messages;
  }

  get texts(): string[] {
    return this.messages.map(({ data }) => data.toString()).sort();
  }
}

const QUIET_MS = 300; // long enough for what should not come to come
const OPENING_MS = 30_000; // the SDK loads its protocol at the first call

export function laneSourceContract(name: string, open: () => LanesUnderTest): void {
  describe(`LaneSource: ${name}`, () => {
    const { newLane, close } = open();
    beforeAll(() => newLane(1), OPENING_MS);
    afterAll(close);

    describeDelivery(newLane);
    describeStopping(newLane);
  });
}

function describeDelivery(newLane: LanesUnderTest['newLane']): void {
  test('every kind of text comes out as it was published, for the first time', async () => {
    const lane = await newLane(100);
    const handed = new Handed(lane.source());
    await Promise.all(EVERY_KIND_OF_TEXT.map((text, at) => lane.publish(`${at} ${text}`, { message_id: `m${at}` })));
    const messages = await handed.atLeast(EVERY_KIND_OF_TEXT.length);
    expect(handed.texts).toEqual(EVERY_KIND_OF_TEXT.map((text, at) => `${at} ${text}`).sort());
    expect(messages.map(({ attributes }) => attributes['message_id']).sort()).toEqual(
      EVERY_KIND_OF_TEXT.map((_, at) => `m${at}`),
    );
    expect(
      messages.every(({ deliveryAttempt, publishedAtMs }) => deliveryAttempt === 1 && Number.isFinite(publishedAtMs)),
    ).toBe(true);
    for (const message of messages) message.ack();
    await handed.source.close();
  });

  test('9 MB come out intact', async () => {
    const lane = await newLane(2);
    const handed = new Handed(lane.source());
    const data = randomBytes(9_000_000);
    await lane.publish(data);
    const [message] = await handed.atLeast(1);
    expect(Buffer.compare(message!.data, data)).toBe(0);
    message!.ack();
    await handed.source.close();
  });

  test('a nacked message comes again, counted; a second answer does nothing', async () => {
    const lane = await newLane(10);
    const handed = new Handed(lane.source());
    await lane.publish('again');
    const [first] = await handed.atLeast(1);
    first!.nack();
    first!.ack();
    const [, second] = await handed.atLeast(2);
    expect(second).toMatchObject({ deliveryAttempt: 2, data: Buffer.from('again') });
    second!.ack();
    second!.nack();
    await delay(QUIET_MS);
    expect(handed.messages).toHaveLength(2);
    expect(handed.source.held).toBe(0);
    await handed.source.close();
  });

  test('the handler never holds more than its limit, and gets the rest as it answers', async () => {
    const lane = await newLane(5);
    const handed = new Handed(lane.source());
    await Promise.all(Array.from({ length: 23 }, (_, at) => lane.publish(`m${at}`)));
    for (let done = 0; done < 23;) {
      await handed.atLeast(Math.min(done + 5, 23));
      await delay(20);
      expect(handed.messages.length - done).toBeLessThanOrEqual(5);
      expect(handed.source.held).toBe(handed.messages.length - done);
      handed.messages[done++]!.ack();
    }
    expect(new Set(handed.texts).size).toBe(23);
    await handed.source.close();
  });
}

function describeStopping(newLane: LanesUnderTest['newLane']): void {
  test('after stop nothing new is handed over, and what is held can still be acked', async () => {
    const lane = await newLane(10);
    const handed = new Handed(lane.source());
    await lane.publish('held');
    const [held] = await handed.atLeast(1);
    handed.source.stop();
    await lane.publish('later');
    await delay(QUIET_MS);
    expect(handed.texts).toEqual(['held']);
    held!.ack();
    await handed.source.close();

    const next = new Handed(lane.source());
    await next.atLeast(1);
    await delay(QUIET_MS);
    expect(next.texts).toEqual(['later']);
    next.messages[0]!.ack();
    await next.source.close();
  });

  test('after a stop it can be started again: what was held then can be acked, and what came meanwhile is handed over', async () => {
    const lane = await newLane(10);
    const source = lane.source();
    const before = new Handed(source);
    await lane.publish('before');
    const [held] = await before.atLeast(1);
    source.stop();
    await lane.publish('meanwhile');
    const after = new Handed(source);
    await after.atLeast(1);
    expect(after.texts).toEqual(['meanwhile']);
    expect(source.held).toBe(2);
    held?.ack();
    after.messages[0]?.ack();
    expect(source.held).toBe(0);
    await source.close();
  });

  test('close hands back what is held, over the limit or not, and can be called again', async () => {
    const lane = await newLane(3);
    const handed = new Handed(lane.source());
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => lane.publish(text)));
    await handed.atLeast(3);
    await handed.source.close();
    await handed.source.close();
    expect(handed.source.held).toBe(0);

    const next = new Handed(lane.source());
    for (let done = 0; done < 5;) {
      await next.atLeast(done + 1);
      next.messages[done++]!.ack();
    }
    expect(next.texts).toEqual(['a', 'b', 'c', 'd', 'e']);
    await next.source.close();
  });

  test('an answer after close does nothing', async () => {
    const lane = await newLane(3);
    const handed = new Handed(lane.source());
    await lane.publish('late');
    const [late] = await handed.atLeast(1);
    await handed.source.close();
    late!.ack();
    const next = new Handed(lane.source());
    const [again] = await next.atLeast(1);
    expect(again!.data.toString()).toBe('late');
    again!.ack();
    await next.source.close();
  });
}
