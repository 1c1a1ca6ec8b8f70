import { maySee, sendersOf, userPrincipal } from '../../../../relay/service/access/principal.ts';

const NOTHING = { owner: 'user:uid-1', rights: new Set(), own: true };

describe('a signed-in user', () => {
  test.each([
    ['send', ['send', 'read']],
    ['read', ['read']],
    ['operate', ['operate']],
  ])('with the claim %j has the rights %j', (claim, rights) => {
    expect(userPrincipal('uid-1', claim)).toEqual({ owner: 'user:uid-1', rights: new Set(rights), own: false });
  });

  test('may be limited to senders and to its own', () => {
    const limited = userPrincipal('uid-1', { can: ['send'], senders: ['42'], own: true });
    expect(limited).toEqual({
      owner: 'user:uid-1',
      rights: new Set(['send', 'read']),
      senders: new Set(['42']),
      own: true,
    });
  });

  test.each([
    [undefined],
    [null],
    ['admin'],
    [''],
    [['send']],
    [true],
    [{}],
    [{ can: 'send' }],
    [{ can: [] }],
    [{ can: ['send', 'admin'] }],
    [{ can: ['send'], sender: ['42'] }],
    [{ can: ['send'], senders: '42' }],
    [{ can: ['send'], senders: [42] }],
    [{ can: ['send'], senders: [] }],
    [{ can: ['send'], own: 'true' }],
    [{ can: ['send'], own: null }],
    [JSON.parse('{"can":["send"],"__proto__":{"own":true}}')],
  ])('with the claim %j has no right: what is not understood limits', (claim) => {
    expect(userPrincipal('uid-1', claim)).toEqual(NOTHING);
  });
});

describe('what there is for a principal', () => {
  const everything = userPrincipal('a', 'read');
  const ownOnly = userPrincipal('a', { can: ['read'], own: true });
  const limited = userPrincipal('a', { can: ['read'], senders: ['42', '5'] });

  test('its senders, of those that are served', () => {
    expect(sendersOf(everything, ['1', '42'])).toEqual(['1', '42']);
    expect(sendersOf(limited, ['1', '42'])).toEqual(['42']);
  });

  test.each([
    ['user:a', true],
    ['user:b', false],
    ['key:a', false],
    ['a', false],
    ['system:pubsub', false],
    [undefined, false],
  ])('with `own`, a message of %j: %j', (owner, seen) => {
    expect(maySee(ownOnly, owner === undefined ? {} : { owner })).toBe(seen);
    expect(maySee(everything, owner === undefined ? {} : { owner })).toBe(true);
  });
});
