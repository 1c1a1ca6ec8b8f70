import { createHash } from 'node:crypto';
import { keyPrincipal, parseApiKeys, type ApiKey } from '../../../../relay/service/access/api-keys.ts';

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
const NOW_MS = Date.parse('2026-11-28T12:00:00Z');
const good = { name: 'back-end', sha256: sha256('right key'), can: ['send'] };

function keysOf(...entries: object[]): readonly ApiKey[] {
  const parsed = parseApiKeys(JSON.stringify(entries));
  if (!parsed.ok) throw new Error(parsed.mistakes.join());
  return parsed.keys;
}

describe('an API key', () => {
  const keys = keysOf(
    good,
    { name: 'monitor', sha256: sha256('reading key').toUpperCase(), can: ['read'] },
    {
      name: 'rotated',
      sha256: [sha256('old key'), sha256('new key')],
      can: ['read', 'operate'],
      senders: ['42'],
      own: true,
    },
  );

  test('gives its owner and rights; to send implies to read', () => {
    expect(keyPrincipal(keys, 'right key', NOW_MS)).toEqual({
      principal: { owner: 'key:back-end', rights: new Set(['send', 'read']), own: false },
    });
    expect(keyPrincipal(keys, 'reading key', NOW_MS)).toMatchObject({
      principal: { owner: 'key:monitor', rights: new Set(['read']) },
    });
  });

  test('may have several hashes, and limits', () => {
    for (const key of ['old key', 'new key']) {
      expect(keyPrincipal(keys, key, NOW_MS)).toEqual({
        principal: { owner: 'key:rotated', rights: new Set(['read', 'operate']), senders: new Set(['42']), own: true },
      });
    }
  });

  test.each(['wrong key', '', 'right key ', sha256('right key')])('is the exact one: not %j', (presented) => {
    expect(keyPrincipal(keys, presented, NOW_MS)).toBeUndefined();
  });

  test.each([
    ['2026-11-28T12:00:00Z', false],
    ['2026-11-28T11:59:59.999Z', true],
    ['2026-11-28T13:00:00+01:00', false],
    ['2026-11-28T12:59:59+01:00', true],
    ['2026-11-28', false],
    ['2026-11-27', true],
    ['2027-01-01', false],
  ])('that is good until %s is over at noon of 28 November: %j', (not_after, over) => {
    const presented = keyPrincipal(keysOf({ ...good, not_after }), 'right key', NOW_MS);
    expect(presented !== undefined && 'expired' in presented).toBe(over);
  });
});

describe('RELAY_API_KEYS', () => {
  const HEX = 'RELAY_API_KEYS[0].sha256 must be 64 hex digits, or a list of such hashes';
  const CAN = 'must be a list of "read", "send" and "operate"';

  test.each(['x\ud800', ' x', 'x ', ' ', 'x\u202ey'])(
    'a name that would not come back from a document or log as it is: %j',
    (name) => {
      expect(parseApiKeys(JSON.stringify([{ ...good, name }]))).toMatchObject({
        ok: false,
        mistakes: [expect.stringContaining('.name must be')],
      });
    },
  );

  test.each(['2027-02-30', '2027-02-31T10:00Z', '2027-04-31', '2027-02-29'])(
    '%s is no day, and not one later',
    (not_after) => {
      expect(parseApiKeys(JSON.stringify([{ ...good, not_after }]))).toMatchObject({
        ok: false,
        mistakes: [expect.stringContaining('.not_after must be')],
      });
    },
  );

  test('may be empty: then nobody has a key', () => {
    expect(parseApiKeys('[]')).toEqual({ ok: true, keys: [] });
  });

  test.each([
    [
      'a hash that is none',
      JSON.stringify(
        ['x', 'x'.repeat(64), `${'0'.repeat(64)}x`, `x${'0'.repeat(64)}`, [], ['0'.repeat(64), 'x'], 0].map(
          (hash, at) => ({ name: `n${at}`, sha256: hash, can: ['read'] }),
        ),
      ),
      [0, 1, 2, 3, 4, 5, 6].map((at) => HEX.replace('[0]', `[${at}]`)),
    ],
    ['not JSON', 'local-dev-key', ['RELAY_API_KEYS is not JSON']],
    ['not an array', '{}', ['RELAY_API_KEYS is not an array']],
    ['null', 'null', ['RELAY_API_KEYS is not an array']],
    ['not objects', '[1,null,[]]', [0, 1, 2].map((at) => `RELAY_API_KEYS[${at}] must be an object`)],
    [
      'a name twice',
      JSON.stringify([good, { ...good, sha256: sha256('another') }]),
      [
        'RELAY_API_KEYS[1].name repeats the name of RELAY_API_KEYS[0]: to rotate a key, list both hashes in one entry\'s "sha256"',
      ],
    ],
    [
      'a hash twice',
      JSON.stringify([good, { ...good, name: 'other', sha256: [good.sha256.toUpperCase()] }]),
      ['RELAY_API_KEYS[1].sha256 repeats a hash of RELAY_API_KEYS[0]'],
    ],
    [
      'everything',
      JSON.stringify([good, { name: '', sha256: 'abc', can: [] }, { name: 1, can: ['send', 'write'] }]),
      [
        'RELAY_API_KEYS[1].name must be a string of 1 to 100 characters without control characters or surrounding white space',
        'RELAY_API_KEYS[1].sha256 must be 64 hex digits, or a list of such hashes',
        `RELAY_API_KEYS[1].can ${CAN}`,
        'RELAY_API_KEYS[2].name must be a string of 1 to 100 characters without control characters or surrounding white space',
        'RELAY_API_KEYS[2].sha256 must be 64 hex digits, or a list of such hashes',
        `RELAY_API_KEYS[2].can ${CAN}`,
      ],
    ],
    ['one field', JSON.stringify([{ ...good, sha256: '' }]), [HEX]],
    ['can is no list', JSON.stringify([{ ...good, can: 'send' }]), [`RELAY_API_KEYS[0].can ${CAN}`]],
    [
      'unknown fields',
      JSON.stringify([{ ...good, sender: ['42'], 'Secret-Key-2026-of-48-letters': 1 }]),
      ['RELAY_API_KEYS[0] has an unknown field "sender"', 'RELAY_API_KEYS[0] has an unknown field'],
    ],
    [
      'limits',
      JSON.stringify([{ ...good, senders: 42, own: 'yes', not_after: 'soon' }]),
      [
        'RELAY_API_KEYS[0].senders must be a list of sender ids',
        'RELAY_API_KEYS[0].own must be true or false',
        'RELAY_API_KEYS[0].not_after must be a date ("2027-01-31") or a time with a zone ("2027-01-31T12:00:00Z")',
      ],
    ],
    [
      'a date that is none',
      JSON.stringify([
        { ...good, not_after: '2026-13-01' },
        { ...good, name: 'b', sha256: sha256('b'), not_after: 1_800_000_000 },
      ]),
      [0, 1].map(
        (at) =>
          `RELAY_API_KEYS[${at}].not_after must be a date ("2027-01-31") or a time with a zone ("2027-01-31T12:00:00Z")`,
      ),
    ],
  ])('has every mistake named, and no value repeated: %s', (_, text, mistakes) => {
    expect(parseApiKeys(text)).toEqual({ ok: false, mistakes });
  });
});
