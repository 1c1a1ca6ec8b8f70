import { selfTimes } from '../../../lab/bench/profile.ts';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });

test('functions are listed by self time, without idle time', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('on', 'file:///somewhere/relay/machine/relay.ts', 64) },
      { id: 3, callFrame: frame('', 'file:///somewhere/node_modules/@xmpp/xml/index.js', 9) },
      // the same function, called from elsewhere
      { id: 4, callFrame: frame('on', 'file:///somewhere/relay/machine/relay.ts', 64) },
      { id: 5, callFrame: frame('(garbage collector)') },
    ],
    samples: [1, 2, 3, 4, 5, 1],
    timeDeltas: [500, 30, 20, 40, 10, 900],
  };
  expect(selfTimes(profile)).toEqual([
    { name: 'on relay/machine/relay.ts:65', share: 0.7 },
    { name: '(anonymous) @xmpp/xml/index.js:10', share: 0.2 },
    { name: '(garbage collector)', share: 0.1 },
  ]);
});
