import fc from 'fast-check';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';
import { decodeQueued, encodeQueued, MAX_QUEUED_BYTES } from '../../../../relay/protocol/queue/queued.ts';
import { casesIn } from '../cases.ts';

type MalformedCase = {
  readonly name: string;
  readonly reason: string;
  readonly detail: string;
  readonly messageId?: string;
} & ({ readonly text: string } | { readonly base64: string });
const bytesOf = (malformed: MalformedCase) =>
  'text' in malformed ? Buffer.from(malformed.text) : Buffer.from(malformed.base64, 'base64');

describe('what is not a queued message is refused, with the reason', () => {
  test.each(casesIn<MalformedCase>('malformed/queued'))('$name', (malformed) => {
    const { reason, detail, messageId } = malformed;
    expect(decodeQueued(bytesOf(malformed))).toEqual({
      ok: false,
      reason,
      detail,
      ...(messageId !== undefined && { messageId }),
    });
  });

  test('9 MB are not even looked at', () => {
    expect(decodeQueued(new Uint8Array(9_000_000))).toMatchObject({ ok: false, reason: 'TOO_LARGE' });
  });

  test('64 KB are, and not one byte more', () => {
    const json = '{"v":2,"sender_id":"s","accepted_at":0,"message":{"to":"T","message_id":"q"}}';
    expect(decodeQueued(Buffer.from(json.padEnd(MAX_QUEUED_BYTES))).ok).toBe(true);
    expect(decodeQueued(Buffer.from(json.padEnd(MAX_QUEUED_BYTES + 1)))).toMatchObject({ reason: 'TOO_LARGE' });
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((json) => Buffer.from(json)),
        ),
        (bytes) => {
          expect(decodeQueued(bytes).ok).toBe(false);
        },
      ),
    );
  });
});

test('what stands in the queue is what queued.ts says', () => {
  const message = { to: 'T', message_id: 'q-1', priority: 'normal', time_to_live: 60 } as const;
  const bytes = encodeQueued({ senderId: '1234567890', acceptedAtMs: 1_760_000_000_000, owner: 'key:shop', message });
  expect(JSON.parse(bytes.toString())).toEqual({
    v: 2,
    sender_id: '1234567890',
    accepted_at: 1_760_000_000_000,
    owner: 'key:shop',
    format: 'legacy',
    record: 'full',
    tags: [],
    message,
  });
});

test('a further copy of a message says so, and only such a one', () => {
  const queued = {
    senderId: '1234567890',
    acceptedAtMs: 1,
    message: { to: 'T', message_id: 'q-1', priority: 'normal', time_to_live: 60 },
  } as const;
  const copy = encodeQueued({ ...queued, repeated: true });
  expect(JSON.parse(copy.toString())).toMatchObject({ repeated: true });
  expect(decodeQueued(copy)).toEqual({ ok: true, version: 2, value: { ...queued, repeated: true } });
  expect(decodeQueued(encodeQueued(queued))).toStrictEqual({ ok: true, version: 2, value: queued });
});

describe('what a later relay may add to an envelope', () => {
  const envelope = (more: object): Buffer =>
    Buffer.from(
      JSON.stringify({ v: 2, sender_id: 's', accepted_at: 0, message: { to: 'T', message_id: 'q' }, ...more }),
    );

  test.each<object>([{ tags: ['a'] }, { record: 'outcome' }, { lane: 'bulk' }, { record: 7, toString: null }])(
    '%j is ignored',
    (more) => {
      expect(decodeQueued(envelope(more))).toEqual(decodeQueued(envelope({})));
      expect(decodeQueued(envelope(more)).ok).toBe(true);
    },
  );

  test.each<object>([{ v: 3 }, { v: 1e300 }, { format: 'v1' }, { format: null }])(
    '%j needs a worker that knows it',
    (more) => {
      expect(decodeQueued(envelope(more))).toMatchObject({ ok: false, reason: 'UNKNOWN_VERSION', messageId: 'q' });
    },
  );

  test.each<object>([{ owner: '' }, { owner: 5 }, { v: 2.5 }, { v: -1 }, { v: '3' }, { v: null }])(
    '%j is no envelope',
    (more) => {
      expect(decodeQueued(envelope(more))).toMatchObject({ ok: false, reason: 'INVALID_MESSAGE' });
    },
  );
});

test('version 1 names no owner that anybody vouches for', () => {
  const json = '{"v":1,"sender_id":"s","accepted_at":0,"owner":"user:victim","message":{"to":"T","message_id":"q"}}';
  expect(decodeQueued(Buffer.from(json))).toMatchObject({ ok: true, version: 1, value: { senderId: 's' } });
  expect(JSON.stringify(decodeQueued(Buffer.from(json)))).not.toContain('victim');
});

test('a part of a larger buffer can be decoded', () => {
  const bytes = encodeQueued({
    senderId: 's',
    acceptedAtMs: 0,
    message: { to: 'T', message_id: 'q', priority: 'high', time_to_live: 0 },
  });
  const larger = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
  expect(decodeQueued(larger.subarray(6, 6 + bytes.length)).ok).toBe(true);
});

test('a message that is not normalised is normalised', () => {
  const json =
    '{"v":1,"sender_id":"s","accepted_at":0,"message":{"to":"T","message_id":"q","time_to_live":"60","data":{"a":1}}}';
  expect(decodeQueued(Buffer.from(json))).toMatchObject({
    value: { message: { priority: 'normal', time_to_live: 60, data: { a: '1' } } },
  });
});

describe('the largest messages that are accepted fit into the queue', () => {
  const control = '\u0001'; // one byte of payload, six in JSON
  const rest = { message_id: '"'.repeat(255), collapse_key: control.repeat(1024) };
  test.each([
    ['to a token', { to: '"'.repeat(4096), data: { k: control.repeat(4095) } }],
    ['to a condition', { condition: `'a' in topics${'\n'.repeat(4083)}`, data: { k: control.repeat(2047) } }],
    [
      'with arguments',
      { to: '\\'.repeat(4096), notification: { body_loc_args: [control.repeat(679)], body: control } },
    ],
  ])('%s', (_name, request) => {
    const parsed = parseDownstream({ ...request, ...rest }, { senders: ['1234567890'], newMessageId: () => '' });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    const bytes = encodeQueued({
      ...parsed.value,
      acceptedAtMs: Number.MAX_SAFE_INTEGER,
      owner: `key:${control.repeat(128)}`,
    });
    expect(bytes.length).toBeLessThanOrEqual(MAX_QUEUED_BYTES);
    expect(decodeQueued(bytes)).toMatchObject({ ok: true, value: parsed.value });
  });
});
