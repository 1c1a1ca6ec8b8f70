import { createHash } from 'node:crypto';
import { keyPrincipal, parseApiKeys, userPrincipal, type ApiKey } from '../../relay/core/principal.ts';

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
const good = { name: 'back-end', sha256: sha256('right key'), can: ['send'] };

function keysOf(...entries: object[]): readonly ApiKey[] {
  const parsed = parseApiKeys(JSON.stringify(entries));
  if (!parsed.ok) throw new Error(parsed.mistakes.join());
  return parsed.keys;
}

describe('an API key', () => {
  const keys = keysOf(good, { name: 'monitor', sha256: sha256('reading key').toUpperCase(), can: ['read'] });

  test('gives its name and rights; to send implies to read', () => {
    expect(keyPrincipal(keys, 'right key')).toMatchObject({ name: 'back-end', rights: new Set(['send', 'read']) });
    expect(keyPrincipal(keys, 'reading key')).toMatchObject({ name: 'monitor', rights: new Set(['read']) });
  });

  test.each(['wrong key', '', 'right key ', sha256('right key')])('is the exact one: not %j', (presented) => {
    expect(keyPrincipal(keys, presented)).toBeUndefined();
  });
});

describe('a signed-in user', () => {
  test.each([
    ['send', ['send', 'read']],
    ['read', ['read']],
    [undefined, []],
    ['admin', []],
    [['send'], []],
    [true, []],
  ])('with the claim %j has the rights %j', (claim, rights) => {
    expect(userPrincipal('uid-1', claim)).toEqual({ name: 'uid-1', rights: new Set(rights) });
  });
});

describe('RELAY_API_KEYS', () => {
  test('may be empty: then nobody has a key', () => {
    expect(parseApiKeys('[]')).toEqual({ ok: true, keys: [] });
  });

  test.each([
    ['a hash that is none', JSON.stringify(['x', 'x'.repeat(64), `${'0'.repeat(64)}x`, `x${'0'.repeat(64)}`, ['0'.repeat(64)], 0].map((sha256, at) => ({ name: `n${at}`, sha256, can: ['read'] }))),
      [0, 1, 2, 3, 4, 5].map((at) => `RELAY_API_KEYS[${at}].sha256 is not 64 hex digits`)],
    ['not JSON', 'local-dev-key', ['RELAY_API_KEYS is not JSON']],
    ['not an array', '{}', ['RELAY_API_KEYS is not an array']],
    ['null', 'null', ['RELAY_API_KEYS is not an array']],
    ['not objects', '[1,null]', ['RELAY_API_KEYS[0] is not an object', 'RELAY_API_KEYS[1] is not an object']],
    ['a name twice', JSON.stringify([good, good]), ['RELAY_API_KEYS has a name twice']],
    ['everything', JSON.stringify([good, { name: '', sha256: 'abc', can: [] }, { name: 1, can: ['send', 'write'] }]), [
      'RELAY_API_KEYS[1].name is not a text',
      'RELAY_API_KEYS[1].sha256 is not 64 hex digits',
      'RELAY_API_KEYS[1].can is not a list of "send" and "read"',
      'RELAY_API_KEYS[2].name is not a text',
      'RELAY_API_KEYS[2].sha256 is not 64 hex digits',
      'RELAY_API_KEYS[2].can is not a list of "send" and "read"',
    ]],
    ['one field', JSON.stringify([{ ...good, sha256: '' }]), ['RELAY_API_KEYS[0].sha256 is not 64 hex digits']],
    ['can is no list', JSON.stringify([{ ...good, can: 'send' }]), ['RELAY_API_KEYS[0].can is not a list of "send" and "read"']],
  ])('has every mistake named: %s', (_, text, mistakes) => {
    expect(parseApiKeys(text)).toEqual({ ok: false, mistakes });
  });
});
