import { flag, number, parsed, text, UsageError, whole } from '../../../ops/cli/option.ts';
import { parseCommandLine, type Command } from '../../../ops/cli/parse.ts';
import { usageText } from '../../../ops/cli/usage.ts';

const OPTIONS = {
  rounds: whole('N', 'turns of each side', { min: 1, max: 999, default: 5 }),
  port: whole('N', 'where to listen', { min: 0 }),
  rate: number('N', 'messages a second', { min: 0.5, max: 1e9, group: 'Load' }),
  only: text('TEXT', 'only what contains the text', { defaultText: 'everything' }),
  colour: parsed('RGB', 'of the lines', { parse: (value) => /^#(\w+)$/.exec(value)?.[1], expected: 'like #ff00aa' }),
  'dry-run': flag('change nothing'),
};
const COMMAND: Command<typeof OPTIONS> = { name: 'npm run try --', about: 'Tries it.', options: OPTIONS };
const read = (line: string) => parseCommandLine(COMMAND, line === '' ? [] : line.split(' '));

test('options have their types, and their defaults where they are absent', () => {
  expect(read('')?.values).toEqual({
    rounds: 5,
    port: undefined,
    rate: undefined,
    only: undefined,
    colour: undefined,
    'dry-run': false,
  });
  expect(read('--rounds 7 --port=0 --rate 1e6 --only x --colour #abc --dry-run')?.values).toEqual({
    rounds: 7,
    port: 0,
    rate: 1_000_000,
    only: 'x',
    colour: 'abc',
    'dry-run': true,
  });
});

test.each([
  ['--fast', 'unknown option --fast'],
  ['-f', 'unknown option -f'],
  ['now', 'unexpected argument "now"'],
  ['--rounds', '--rounds needs a value'],
  ['--rounds --dry-run', '--rounds needs a value'],
  ['--dry-run=yes', '--dry-run takes no value'],
  ['--rounds many', '--rounds must be a whole number from 1 to 999, not "many"'],
  ['--rounds 0', '--rounds must be a whole number from 1 to 999, not "0"'],
  ['--rounds 1.5', '--rounds must be a whole number from 1 to 999, not "1.5"'],
  ['--port=-1', '--port must be a whole number of at least 0, not "-1"'],
  ['--rate 0.1', '--rate must be a number from 0.5 to 1000000000, not "0.1"'],
  ['--colour red', '--colour must be like #ff00aa, not "red"'],
  [
    '--rounds 0 --colour red',
    '--rounds must be a whole number from 1 to 999, not "0"\n--colour must be like #ff00aa, not "red"',
  ],
])('"%s" is refused: %s', (line, message) => {
  expect(() => read(line)).toThrow(new UsageError(message));
});

test('help comes before mistakes in values', () => {
  expect(read('--help --rounds 0')).toBeUndefined();
});

test('the usage text names every option with its default, by group', () => {
  const usage = usageText({
    ...COMMAND,
    positionals: { usage: 'start|stop', help: [['start', 'starts it']] },
    notes: `Exit status: 0. ${'a word '.repeat(30)}`,
  });
  expect(usage).toContain('Usage: npm run try -- start|stop [options]\n\n  start         starts it\n');
  expect(usage).toMatch(/^Load:\n {2}--rate N {6}messages a second$/m);
  expect(usage).toMatch(/^ {2}--rounds N {4}turns of each side \(default: 5\)$/m);
  expect(usage).toMatch(/^ {2}--only TEXT {3}only what contains the text \(default: everything\)$/m);
  expect(usage).toMatch(/^ {2}--help {8}print this text$/m);
  expect(Math.max(...usage.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});
