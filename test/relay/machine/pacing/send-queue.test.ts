import { AGAIN_SHARE, SendQueue } from '../../../../relay/machine/pacing/send-queue.ts';

function takeAll(queue: SendQueue<string>, maySuspect = true): string[] {
  const taken: string[] = [];
  for (let item = queue.take(maySuspect); item !== undefined; item = queue.take(maySuspect)) taken.push(item);
  return taken;
}

test('what CCS did not take because of a drain goes first, then what is fresh, then what comes again', () => {
  const queue = new SendQueue<string>();
  for (const standing of ['suspect', 'returned', 'fresh', 'resumed'] as const) queue.push(standing, 'normal', standing);
  expect(takeAll(queue)).toEqual(['resumed', 'fresh', 'returned', 'suspect']);
});

test('each standing keeps its own order: a lost connection does not turn messages round', () => {
  const queue = new SendQueue<string>();
  for (const item of ['first', 'second', 'third']) queue.push('suspect', 'normal', item);
  expect(takeAll(queue)).toEqual(['first', 'second', 'third']);
});

test('while fresh ones wait, one in AGAIN_SHARE comes again: neither starves the other', () => {
  const queue = new SendQueue<string>();
  for (let n = 0; n < 1_000; n++) {
    queue.push('fresh', 'normal', 'fresh');
    queue.push('returned', 'high', 'again');
  }
  const first = Array.from({ length: 10 * AGAIN_SHARE }, () => queue.take(true));
  expect(first.filter((item) => item === 'again')).toHaveLength(10);
  expect(first.slice(0, AGAIN_SHARE).at(-1)).toBe('again');
});

test('suspects and others that come again take turns', () => {
  const queue = new SendQueue<string>();
  for (let n = 0; n < 3; n++) {
    queue.push('suspect', 'normal', 'suspect');
    queue.push('returned', 'normal', 'returned');
  }
  expect(takeAll(queue).slice(0, 4)).toEqual(['returned', 'suspect', 'returned', 'suspect']);
});

test('suspects are left where they may not go now', () => {
  const queue = new SendQueue<string>();
  for (const standing of ['suspect', 'returned'] as const) queue.push(standing, 'normal', standing);
  expect(takeAll(queue, false)).toEqual(['returned']);
  expect(takeAll(queue)).toEqual(['suspect']);
});

test('a single pick takes the first that will do, a fresh one before others', () => {
  const queue = new SendQueue<string>();
  queue.push('returned', 'high', 'r1');
  queue.push('fresh', 'normal', 'f1');
  queue.push('fresh', 'normal', 'f2');
  expect(queue.takeFirst((item) => item !== 'f1')).toBe('f2');
  expect(queue.takeFirst((item) => item !== 'f1')).toBe('r1');
  expect(queue.takeFirst(() => false)).toBeUndefined();
});
