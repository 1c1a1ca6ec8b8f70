import fc from 'fast-check';
import type { ApiResponse, ApiRequest } from '../../../../../functions/http/server/api-response.ts';
import { postMessages } from '../../../../../functions/http/dialects/relay/post-messages.ts';
import { userPrincipal } from '../../../../../relay/service/access/principal.ts';
import { isObject } from '../../../../../relay/protocol/rules/rule.ts';
import { World } from '../../../../relay/service/service-world.ts';

const SENDER = '1234567890';

async function post(text: string): Promise<ApiResponse> {
  let made = 0;
  const ports = Object.assign(new World(), { senders: [SENDER], newMessageId: () => `made-${(made += 1)}` });
  const request: ApiRequest = {
    method: 'POST',
    url: '/v1/messages',
    headers: { 'content-type': 'application/json' },
    body: () => Promise.resolve({ ok: true, bytes: Buffer.from(text) }),
  };
  return await postMessages(ports, request, userPrincipal('u', 'send'));
}

const KB = 1024;
/** A little for the answer, a little for each message, and no more than the request itself has. */
const mayBe = (text: string, messages: number): number => 96 * KB + messages * KB + 2 * Buffer.byteLength(text);

async function sizesOf(value: unknown): Promise<{ readonly answered: number; readonly allowed: number }> {
  const text = JSON.stringify(value);
  const { body } = await post(text);
  const messages = isObject(value) ? value['messages'] : undefined;
  return {
    answered: Buffer.byteLength(JSON.stringify(body)),
    allowed: mayBe(text, Array.isArray(messages) ? Math.min(messages.length, 500) : 1),
  };
}

const key = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('to', 'priority', 'time_to_live', 'notification', 'data', 'from', '__proto__'),
  fc
    .tuple(fc.constantFrom('x', '\u0001', '😀', '"', '\ud800'), fc.integer({ min: 50, max: 5_000 }))
    .map(([letter, times]) => letter.repeat(times)),
);
const value = fc.oneof(fc.constant(1), fc.constant(null), fc.dictionary(key, fc.constant(1), { maxKeys: 20 }));
const message = fc.oneof(fc.constant(null), fc.dictionary(key, value, { maxKeys: 150 }));
const copies = (times: number) => message.map((one) => ({ messages: Array.from({ length: times }, () => one) }));

test('an answer is a small multiple of its request, whatever the request', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        message,
        copies(20),
        copies(500),
        fc.array(message, { maxLength: 30 }).map((messages) => ({ messages })),
        fc.dictionary(key, value, { maxKeys: 300 }).map((others) => ({ messages: [], ...others })),
      ),
      async (input) => {
        const { answered, allowed } = await sizesOf(input);
        expect(answered).toBeLessThanOrEqual(allowed);
      },
    ),
    { numRuns: 60 },
  );
});

const fields = (count: number, name = (n: number): string => `f${n}`): object =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), 1]));

test.each<[string, () => unknown]>([
  ['500 messages with 100 bad fields each', () => ({ messages: Array.from({ length: 500 }, () => fields(100)) })],
  ['500 messages of nothing', () => ({ messages: Array.from({ length: 500 }, () => null) })],
  ['a batch with a key of 1 MB', () => ({ messages: [{ to: 'a' }], ['k'.repeat(1e6)]: 1 })],
  ['a batch with 100 000 keys', () => ({ messages: [{ to: 'a' }], ...fields(100_000) })],
  ['a message with a key of 1 MB', () => ({ to: 'a', ['k'.repeat(1e6)]: 1 })],
  ['a data key of 1 MB', () => ({ to: 'a', data: { [`google${'k'.repeat(1e6)}`]: 1 } })],
  ['a hundred keys of 10 KB', () => fields(100, (n) => `${n}${'"'.repeat(10_000)}`)],
  ['501 messages', () => ({ messages: Array.from({ length: 501 }, () => fields(100)) })],
])('%s: the answer is a small multiple of the request', async (_, make) => {
  const { answered, allowed } = await sizesOf(make());
  expect(answered).toBeLessThanOrEqual(allowed);
});

test('a batch says how many errors it leaves out, and of each message at least the first ones', async () => {
  const { body } = await post(JSON.stringify({ messages: Array.from({ length: 500 }, () => fields(50)) }));
  const { errors, results } = body as { errors: unknown[]; results: { errors: { path: string; message: string }[] }[] };
  expect(errors).toEqual([]);
  expect(results[0]?.errors).toHaveLength(51); // 50 fields, and that it has no recipient
  expect(results[499]?.errors.map(({ path, message: text }) => [path, text])).toEqual([
    ['to', 'is required, unless `condition` is set'],
    ['f0', 'is not a known field'],
    ['', 'at least 49 more errors'],
  ]);
});
