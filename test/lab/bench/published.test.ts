import { onceEach } from '../../../lab/bench/published.ts';
import { TurnError } from '../../../lab/bench/side-process.ts';

test('what was published once passes', () => {
  expect(() => onceEach(['a', 'b', 'c'], 3)).not.toThrow();
});

test.each([
  ['one is missing', ['a', 'b'], '3 messages should have been published once; there are 2, of 2 ids'],
  ['one is there twice', ['a', 'b', 'c', 'c'], 'there are 4, of 3 ids'],
  ['one stands in the place of another', ['a', 'b', 'b'], 'there are 3, of 2 ids'],
])('when %s, the turn has failed', (_, ids, words) => {
  expect(() => onceEach(ids, 3)).toThrow(TurnError);
  expect(() => onceEach(ids, 3)).toThrow(words);
});
