import { parseCommandLine } from '../../ops/cli/parse.ts';
import { DEAD_LETTERS, deadLetterOptions, type DeadLetterOptions } from '../../ops/dead-letter-options.ts';
import type { KeptLetter } from '../../relay/adapters/pubsub/dead-letter-keep.ts';

const NOW_MS = 1_790_000_000_000;
const ENVIRONMENT = { GOOGLE_CLOUD_PROJECT: 'p', TOKEN_HASH_KEY: 'the key of the worker' };
const read = (line: string, environment: NodeJS.ProcessEnv = ENVIRONMENT): DeadLetterOptions => {
  const parsed = parseCommandLine(DEAD_LETTERS, line.split(' '));
  if (parsed === undefined) throw new Error('help');
  return deadLetterOptions(parsed, environment);
};
const letter: KeptLetter = {
  id: '17',
  messageId: 'm-1',
  senderId: '42',
  reason: 'NOT_JSON',
  detail: '',
  origin: 'dev-fcm-downstream-requests',
  payload: Buffer.from(''),
  signedBy: { relay: true, queue: false },
  publishedAtMs: NOW_MS - 3_600_000,
};

test('the defaults do no harm', () => {
  expect(read('replay')).toMatchObject({
    command: 'replay',
    projectId: 'p',
    topicPrefix: '',
    act: false,
    limit: 1_000,
    perSecond: 50,
    newTtlSeconds: undefined,
  });
  expect(read('list')).toMatchObject({ act: false, payload: false, limit: 100 });
  expect(read('drop').act).toBe(false);
  expect(read('drop --yes').act).toBe(true);
});

test('project and prefix come from the environment, or from options, which take precedence', () => {
  const environment = { GOOGLE_CLOUD_PROJECT: 'p', RELAY_TOPIC_PREFIX: 'dev-' };
  expect(read('list', environment)).toMatchObject({ projectId: 'p', topicPrefix: 'dev-' });
  expect(read('list --project q --prefix x-', environment)).toMatchObject({ projectId: 'q', topicPrefix: 'x-' });
});

test.each([
  ['list', true],
  ['list 17', true],
  ['list 18', false],
  ['list --message-id m-1', true],
  ['list --message-id m', false],
  ['list --sender 42', true],
  ['list --sender 4', false],
  ['list --reason NOT_JSON', true],
  ['list --reason NOT', false],
  ['list --origin requests', true],
  ['list --origin worker', false],
  ['list --older-than 1h', true],
  ['list --older-than 3601s', false],
  ['list --newer-than 60m', true],
  ['list --newer-than 59m', false],
  ['list --sender 42 --reason X', false],
])('"%s" chooses the letter: %s', (line, chosen) => {
  expect(read(line).chosen(letter, NOW_MS)).toBe(chosen);
});

test.each([
  ['', 'say what to do'],
  ['delete', 'say what to do'],
  ['list 1 2', 'too much'],
  ['show', 'show which one'],
  ['list --yes', 'changes nothing'],
  ['replay --yes --dry-run', 'either'],
  ['list --payload', '--payload is for show'],
  ['drop --new-ttl 5', '--new-ttl is for replay'],
  ['list --limit 0', '--limit'],
  ['replay --rate 1001', '--rate'],
  ['replay --new-ttl 2419201', '--new-ttl'],
  ['list --older-than 5', '--older-than'],
])('"%s" is refused: %s', (line, words) => {
  expect(() => read(line)).toThrow(RangeError);
  expect(() => read(line)).toThrow(words);
});

test('a project is required', () => {
  expect(() => read('list', {})).toThrow('no project');
});

test('replay signs, so it needs the key; on the emulators of npm start it is known', () => {
  const { TOKEN_HASH_KEY: current, ...without } = ENVIRONMENT;
  expect(() => read('replay', without)).toThrow('TOKEN_HASH_KEY');
  expect(() => read('replay', { ...without, TOKEN_HASH_KEY: 'short' })).toThrow('TOKEN_HASH_KEY');
  expect(read('list', without).hashKeys).toEqual({ current: '', previous: undefined });
  expect(read('replay', { ...ENVIRONMENT, TOKEN_HASH_KEY_PREVIOUS: 'the key of before' }).hashKeys).toEqual({
    current,
    previous: 'the key of before',
  });
  expect(read('replay', { ...without, PUBSUB_EMULATOR_HOST: 'localhost:1' }).hashKeys.current).toBe(
    'local-token-hash-key',
  );
});

test('an unknown option is refused', () => {
  expect(() => read('list --all')).toThrow('--all');
});
