import { onceEach } from '../../../lab/bench/published.ts';
import { TurnError } from '../../../lab/bench/side-process.ts';

test('messages published once each pass', () => {
  expect(() => onceEach(['a', 'b', 'c'], 3)).not.toThrow();
});

test.each([
  ['one is missing', ['a', 'b'], '3 messages should have been published once; found 2, with 2 ids'],
  ['one is there twice', ['a', 'b', 'c', 'c'], 'found 4, with 3 ids'],
  ['one stands in the place of another', ['a', 'b', 'b'], 'found 3, with 2 ids'],
])('when %s, the turn has failed', (_, ids, words) => {
  expect(() => onceEach(ids, 3)).toThrow(TurnError);
  expect(() => onceEach(ids, 3)).toThrow(words);
});
