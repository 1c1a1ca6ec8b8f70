import { readFileSync } from 'node:fs';
import { DIAGRAMS, withDiagrams } from '../../../dev/build/diagrams.ts';

test('the diagrams of docs/state-machines.md are those of the tables ("npm run diagrams" prints them anew)', () => {
  const text = readFileSync(DIAGRAMS, 'utf8');
  expect(text).toBe(withDiagrams(text));
});
