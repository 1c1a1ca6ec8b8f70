import fc from 'fast-check';
import { Lanes, NORMAL_SHARE } from '../../../../relay/machine/pacing/lanes.ts';

function takeAll<Item>(lanes: Lanes<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = lanes.take(); item !== undefined; item = lanes.take()) taken.push(item);
  return taken;
}

test('an urgent message does not wait behind the normal ones before it', () => {
  const lanes = new Lanes<string>();
  for (let n = 0; n < 1_000; n++) lanes.push('normal', `n${n}`);
  lanes.push('high', 'urgent');
  expect(lanes.take()).toBe('urgent');
});

test('while both wait, one in NORMAL_SHARE is a normal one', () => {
  const lanes = new Lanes<string>();
  for (let n = 0; n < 100; n++) {
    lanes.push('high', 'high');
    lanes.push('normal', 'normal');
  }
  const first = takeAll(lanes).slice(0, 10 * NORMAL_SHARE);
  expect(first.filter((item) => item === 'normal')).toHaveLength(10);
  expect(first.slice(0, NORMAL_SHARE)).toEqual([...Array.from({ length: NORMAL_SHARE - 1 }, () => 'high'), 'normal']);
});

test('normal messages that waited alone have not used up the share of the next urgent ones', () => {
  const lanes = new Lanes<string>();
  lanes.push('normal', 'n1');
  expect(lanes.take()).toBe('n1');
  lanes.push('normal', 'n2');
  for (let n = 1; n < NORMAL_SHARE; n++) lanes.push('high', `h${n}`);
  expect(takeAll(lanes)).toEqual(['h1', 'h2', 'h3', 'h4', 'n2']);
});

test('urgent messages that were taken alone have not used up theirs', () => {
  const lanes = new Lanes<string>();
  for (let n = 0; n < 10; n++) {
    lanes.push('high', 'alone');
    lanes.take();
  }
  lanes.push('normal', 'n1');
  for (let n = 1; n < NORMAL_SHARE; n++) lanes.push('high', `h${n}`);
  expect(takeAll(lanes)).toEqual(['h1', 'h2', 'h3', 'h4', 'n1']);
});

test('the first that will do: of the high lane, else of the normal one, whatever was taken before', () => {
  const lanes = new Lanes<string>();
  for (const item of ['n1', 'n2', 'n3']) lanes.push('normal', item);
  expect(lanes.take()).toBe('n1'); // what is left is turned round
  for (const item of ['n4', 'n5']) lanes.push('normal', item);
  expect(['n3', 'n5', 'none'].map((wanted) => lanes.takeFirst((item) => item === wanted))).toEqual([
    'n3',
    'n5',
    undefined,
  ]);
  lanes.push('high', 'h1');
  expect(lanes.takeFirst(() => true)).toBe('h1');
  expect(takeAll(lanes)).toEqual(['n2', 'n4']);
});

test('nothing waits: nothing is taken', () => {
  expect(new Lanes<string>().take()).toBeUndefined();
});

test('whatever the order of pushes and takes, each lane keeps its own and nothing is lost or doubled', () => {
  const step = fc.constantFrom('high' as const, 'normal' as const, 'take' as const, 'take' as const);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const lanes = new Lanes<{ lane: string; n: number }>();
      const taken: { lane: string; n: number }[] = [];
      steps.forEach((what, n) => {
        if (what === 'take') taken.push(...[lanes.take()].filter((item) => item !== undefined));
        else lanes.push(what, { lane: what, n });
      });
      taken.push(...takeAll(lanes));
      for (const lane of ['high', 'normal']) {
        const pushed = steps.flatMap((what, n) => (what === lane ? [n] : []));
        expect(taken.filter((item) => item.lane === lane).map(({ n }) => n)).toEqual(pushed);
      }
    }),
  );
});

test('ten thousand that come and go are taken in order', () => {
  const lanes = new Lanes<number>();
  const taken: (number | undefined)[] = [];
  for (let n = 0; n < 10_000; n++) {
    lanes.push('normal', n);
    if (n % 3 !== 0) taken.push(lanes.take());
  }
  expect([...taken, ...takeAll(lanes)]).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
});
