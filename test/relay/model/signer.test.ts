import { createHmac, hkdfSync } from 'node:crypto';
import { deadLetterSigner, queueSigner } from '../../../relay/model/signer.ts';

const DATA = Buffer.from('{"v":2}');
const today = queueSigner({ current: 'the key of today' });
const before = queueSigner({ current: 'the key of before' });
const rotating = queueSigner({ current: 'the key of today', previous: 'the key of before' });

test('a mac is HMAC-SHA-256 with the key that HKDF makes of TOKEN_HASH_KEY, in base64url', () => {
  const key = Buffer.from(hkdfSync('sha256', 'the key of today', '', 'fcm-relay queue v2', 32));
  expect(today.sign(DATA)).toBe(createHmac('sha256', key).update(DATA).digest('base64url'));
});

test.each([
  ['the same key', today, today.sign(DATA), true],
  ['the key of before, while it is accepted', rotating, before.sign(DATA), true],
  ['the key of before, when it is not', today, before.sign(DATA), false],
  [
    'the key of today, for one who knows it as the other',
    queueSigner({ current: 'the key of before', previous: 'the key of today' }),
    today.sign(DATA),
    true,
  ],
  ['no mac', rotating, undefined, false],
  ['an empty mac', rotating, '', false],
  ['a mac that is cut off', today, today.sign(DATA).slice(0, -2), false],
  ['a mac with something behind it', today, `${today.sign(DATA)}AA`, false],
  ['a mac of other data', today, today.sign(Buffer.from('{"v":2} ')), false],
  ['a mac of a letter', today, deadLetterSigner({ current: 'the key of today' }).sign(DATA), false],
  ['a mac with no key', queueSigner({ current: '' }), createHmac('sha256', '').update(DATA).digest('base64url'), false],
])('%s', (_, signer, mac, holds) => {
  expect(signer.verify(DATA, mac)).toBe(holds);
});

test('who was given no key signs nothing', () => {
  expect(() => queueSigner({ current: '' }).sign(DATA)).toThrow('TOKEN_HASH_KEY');
});
