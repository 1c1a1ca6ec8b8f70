import { isContentOf } from '../../../../relay/model/content-hash.ts';
import { admissionOf, type Admission } from '../../../../relay/service/queue/admission.ts';
import { queueSigner } from '../../../../relay/model/signer.ts';
import { hashesOf, keyedHash } from '../../../../relay/model/token-hash.ts';
import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import { encodeQueued } from '../../../../relay/protocol/queue/queued.ts';
import { request, SENDER, START_MS } from '../service-world.ts';

const signer = queueSigner({ current: 'the key of today', previous: 'the key of before' });
const before = queueSigner({ current: 'the key of before' });
const ports = { senderId: SENDER, signer };
const queued = { ...request(), acceptedAtMs: START_MS, owner: 'key:shop' };
const envelope = (more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ ...(JSON.parse(encodeQueued(queued).toString()) as object), ...more }));
const version1 = Buffer.from(
  JSON.stringify({ v: 1, sender_id: SENDER, accepted_at: START_MS, message: queued.message }),
);

const NOT_SIGNED = { outcome: 'deadLetter', reason: 'QUEUE_NOT_SIGNED', detail: expect.any(String) };
const bad = { data: { a: 1 }, to: 5, message_id: 'm-1' };

test.each<readonly [string, Buffer, string | undefined, object]>([
  ['signed', envelope(), signer.sign(envelope()), { outcome: 'take', queued }],
  ['signed with the key of before', envelope(), before.sign(envelope()), { outcome: 'take', queued }],
  ['not signed', envelope(), undefined, NOT_SIGNED],
  ['signed by somebody else', envelope(), queueSigner({ current: 'a guess of the key' }).sign(envelope()), NOT_SIGNED],
  ['changed after it was signed', envelope({ owner: 'user:victim' }), signer.sign(envelope()), NOT_SIGNED],
  [
    'signed and unusable',
    envelope({ message: bad }),
    signer.sign(envelope({ message: bad })),
    { outcome: 'deadLetter', reason: 'INVALID_MESSAGE', detail: 'message.to: WRONG_TYPE', messageId: 'm-1' },
  ],
  ['unusable, and not signed: it names nobody', envelope({ message: bad }), undefined, NOT_SIGNED],
  [
    'signed for another sender',
    envelope({ sender_id: '42' }),
    signer.sign(envelope({ sender_id: '42' })),
    { outcome: 'deadLetter', reason: 'WRONG_SENDER', detail: expect.any(String) },
  ],
  ['for another sender, and not signed', envelope({ sender_id: '42' }), undefined, NOT_SIGNED],
  ['no JSON', Buffer.from('no JSON'), undefined, NOT_SIGNED],
  ['no bytes', Buffer.alloc(0), undefined, NOT_SIGNED],
  [
    'too large',
    Buffer.alloc(100_000, 'a'),
    undefined,
    { outcome: 'deadLetter', reason: 'TOO_LARGE', detail: expect.any(String) },
  ],
  [
    'of version 1',
    version1,
    undefined,
    { outcome: 'check', queued: { senderId: SENDER, acceptedAtMs: START_MS, message: queued.message } },
  ],
  [
    'of version 1, for another sender',
    Buffer.from(version1.toString().replace(SENDER, '42')),
    undefined,
    { outcome: 'deadLetter', reason: 'WRONG_SENDER', detail: expect.any(String) },
  ],
  ['of version 1 and unusable', Buffer.from('{"v":1}'), undefined, NOT_SIGNED],
  ['of a newer version', envelope({ v: 3 }), 'of another kind', { outcome: 'handBack', detail: '"v" is more than 2' }],
  [
    'of a newer version, with no mac',
    Buffer.from('{"v":3}'),
    undefined,
    { outcome: 'handBack', detail: '"v" is more than 2' },
  ],
  [
    'of another format',
    envelope({ format: 'v1' }),
    signer.sign(envelope({ format: 'v1' })),
    { outcome: 'handBack', detail: '"format" is not "legacy"' },
  ],
  ['of no version', envelope({ v: '3' }), undefined, NOT_SIGNED],
])('a queue message that is %s', (_, data, mac, admission) => {
  expect(admissionOf(ports, data, mac)).toEqual(admission as Admission);
});

test('the content of a message is known by the key of today and of before', () => {
  const content = canonicalContent(queued);
  const rotating = hashesOf({ current: 'the key of today', previous: 'the key of before' });
  const of = (key: string): string => keyedHash(key)(content);
  expect(
    [of('the key of today'), of('the key of before'), of('a third key')].map((hash) =>
      isContentOf(rotating, queued, hash),
    ),
  ).toEqual([true, true, false]);
  expect(isContentOf(hashesOf({ current: 'the key of today' }), queued, of('the key of before'))).toBe(false);
});
