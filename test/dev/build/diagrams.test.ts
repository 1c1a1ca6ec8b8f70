import { readFileSync } from 'node:fs';
import { DIAGRAMS, withDiagrams } from '../../../dev/build/diagrams.ts';

test('the diagrams of docs/state-machines.md are current ("npm run diagrams" prints them)', () => {
  const text = readFileSync(DIAGRAMS, 'utf8');
  expect(text).toBe(withDiagrams(text));
});
