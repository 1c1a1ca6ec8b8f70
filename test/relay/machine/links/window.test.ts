import fc from 'fast-check';
import { Window } from '../../../../relay/machine/links/window.ts';

type Step = { readonly do: 'admit' | 'settle'; readonly id: string } | { readonly do: 'clear' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constantFrom('admit' as const, 'settle' as const),
        id: fc.integer({ min: 0, max: 12 }).map(String),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
  ),
  { maxLength: 200 },
);

/** A plain list that is plainly right. */
function perform(window: Window<string>, model: string[], step: Step): void {
  if (step.do === 'clear') {
    expect(window.clear()).toEqual(model.splice(0));
  } else if (step.do === 'settle') {
    const at = model.indexOf(step.id);
    expect(window.settle(step.id)).toBe(at < 0 ? undefined : step.id);
    if (at >= 0) model.splice(at, 1);
  } else if (model.length >= window.limit || model.includes(step.id)) {
    expect(() => window.admit(step.id, step.id)).toThrow('window: ');
  } else {
    window.admit(step.id, step.id);
    model.push(step.id);
  }
}

test('whatever happens, it holds what is pending, oldest first, and never more than its limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), steps, (limit, sequence) => {
      const window = new Window<string>(limit);
      const model: string[] = [];
      for (const step of sequence) {
        perform(window, model, step);
        expect([...window.values()]).toEqual(model);
        expect(window.size).toBeLessThanOrEqual(limit);
        expect({ size: window.size, free: window.free, isFull: window.isFull }).toEqual({
          size: model.length,
          free: limit - model.length,
          isFull: model.length === limit,
        });
      }
    }),
  );
});

test('takes exactly 100, not 101', () => {
  const window = new Window<number>(100);
  for (let n = 1; n <= 100; n++) window.admit(`m${n}`, n);
  expect(window.isFull).toBe(true);
  expect(() => window.admit('m101', 101)).toThrow('window: 100 are pending, no more may be sent');
});

test('settling twice is a no-op', () => {
  const window = new Window<string>(1);
  window.admit('m', 'message');
  expect(window.settle('m')).toBe('message');
  expect(window.settle('m')).toBeUndefined();
  expect(window.free).toBe(1);
});

test('refuses an id that is pending already', () => {
  const window = new Window<string>(2);
  window.admit('m', 'first');
  expect(() => window.admit('m', 'second')).toThrow('window: this id is pending already');
});

test('a lost connection frees every slot, and says what was in them in the order of sending', () => {
  const window = new Window<string>(3);
  for (const id of ['b', 'a', 'c']) window.admit(id, id);
  expect(window.clear()).toEqual(['b', 'a', 'c']);
  expect(window.free).toBe(3);
});

test('a limit that is lowered below what is pending has no free places, not fewer than none', () => {
  const window = new Window<string>(3);
  for (const id of ['a', 'b', 'c']) window.admit(id, id);
  window.limit = 1;
  expect([window.free, window.isFull, window.size]).toEqual([0, true, 3]);
  expect(() => window.admit('d', 'd')).toThrow('window: 1 are pending');
  for (const id of ['a', 'b', 'c']) window.settle(id);
  expect([window.free, window.isFull]).toEqual([1, false]);
});
