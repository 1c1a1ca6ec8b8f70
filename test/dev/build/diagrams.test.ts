import { readFileSync } from 'node:fs';
import { ARCHITECTURE, withDiagrams } from '../../../dev/build/diagrams.ts';

test('the diagrams of ARCHITECTURE.md are those of the tables ("npm run diagrams" prints them anew)', () => {
  const text = readFileSync(ARCHITECTURE, 'utf8');
  expect(text).toBe(withDiagrams(text));
});
