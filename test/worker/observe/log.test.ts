import { cleanEntry } from '../../../functions/log.ts';
import { openLog } from '../../../worker/observe/log.ts';

const HOSTILE = `a\u0000b\u001b[31mc\u202Ed\u2028e\nf\ud800${'x'.repeat(100_000)}`;
const fields = { message_id: HOSTILE, number: 5, absent: undefined };

function expectHarmless(line: string): void {
  expect(line).not.toMatch(/\\u00|\\n|\\ud800|[\u202a-\u202e\u2028\u2029]/i);
  expect(line).toContain('a b [31mc d e f\ufffdx');
  expect(line).toContain('x…');
  expect(line.length).toBeLessThan(8_000);
}

test("the worker's log clips and cleans every string that comes from outside", () => {
  const lines: string[] = [];
  const log = openLog('debug', (line) => lines.push(line));
  log('connection.closed', { connection: HOSTILE, detail: HOSTILE, next_attempt_in_ms: 5 });
  expect(lines).toHaveLength(1);
  expectHarmless(lines[0]!.trimEnd());
  expect(JSON.parse(lines[0]!)).toMatchObject({ severity: 'WARNING', next_attempt_in_ms: 5 });
});

test("the functions' log does, too, lists included", () => {
  const entry = cleanEntry({ severity: 'INFO', message: HOSTILE, ...fields, error: [HOSTILE, 'outer'] });
  expect(entry).toMatchObject({ severity: 'INFO', number: 5, error: [expect.any(String), 'outer'] });
  expectHarmless(JSON.stringify(entry));
});
