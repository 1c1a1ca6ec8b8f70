import type { KeptLetter } from '../relay/adapters/pubsub/dead-letter-keep.ts';
import { MIN_HASH_KEY_LENGTH, previousKey, type HashKeys } from '../relay/model/token-hash.ts';
import { MAX_TTL_SECONDS } from '../relay/protocol/legacy/message.ts';
import { flag, parsed, text, UsageError, whole } from './cli/option.ts';
import type { Command, Parsed, Values } from './cli/parse.ts';

/** Of the stack that `npm start` runs; no secret. */
export const LOCAL_TOKEN_HASH_KEY = 'local-token-hash-key';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function ageMs(value: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  return count === undefined ? undefined : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

const CHOICE = { group: 'Which letters' };
const AGE = { ...CHOICE, parse: ageMs, expected: 'like 30s, 15m, 6h or 2d' };
const LIMIT = { acting: 1_000, looking: 100 };

const OPTIONS = {
  'message-id': text('ID', 'of this message', CHOICE),
  sender: text('ID', 'of this sender', CHOICE),
  reason: text('WORD', 'with exactly this reason', CHOICE),
  origin: text('TEXT', 'from a topic or subscription whose name contains TEXT', CHOICE),
  'older-than': parsed('AGE', 'dead for longer than 30s, 15m, 6h, 2d', AGE),
  'newer-than': parsed('AGE', 'dead for less than that', AGE),
  limit: whole('N', 'at most N', {
    min: 1,
    max: 1_000_000,
    defaultText: `${LIMIT.looking}; replay and drop: ${LIMIT.acting}`,
    ...CHOICE,
  }),
  yes: flag('replay and drop: do it; without it they only print what they would do'),
  'dry-run': flag('replay and drop: only print what they would do, which is the default'),
  rate: whole('N', 'letters a second', { min: 1, max: 1_000, default: 50 }),
  'new-ttl': whole(
    'SECONDS',
    'replay: a message that has expired gets this time to live from now; without it, it is left',
    {
      min: 1,
      max: MAX_TTL_SECONDS,
    },
  ),
  force: flag(
    `replay: also messages that ended as unknown (FCM may have them, and the user would see them twice), and
      requests in letters that the relay did not write (anybody who may publish to the topic could have)`,
  ),
  payload: flag('show: print the payload as well, tokens included'),
  project: text('P', 'project id', { defaultText: 'GOOGLE_CLOUD_PROJECT' }),
  prefix: text('X', 'of topics and subscriptions', { defaultText: 'RELAY_TOPIC_PREFIX, or none' }),
};

export const DEAD_LETTERS: Command<typeof OPTIONS> = {
  name: 'npm run dead-letters --',
  about: 'Lists the dead letters (fcm-downstream-dead-keep, kept for 31 days), and replays or drops them.',
  positionals: {
    usage: 'list|show|replay|drop [LETTER]',
    help: [
      ['list', "one line a letter: its id, the message's id, sender, reason, age, bytes"],
      ['show', 'everything about a letter except its payload; select it by LETTER or --message-id'],
      [
        'replay',
        `reopens the message's document, puts the message back into its lane under the same id, and removes the
          letter. What is not a message of the queue is submitted again as a request. What fails again comes back
          with its reason. A document that is neither dead nor unknown is left as it is; an unknown one needs
          --force.`,
      ],
      ['drop', 'removes the letter for good; its document stays dead'],
      ['LETTER', "the letter's id, as list prints it"],
    ],
  },
  options: OPTIONS,
  notes: `TOKEN_HASH_KEY (and TOKEN_HASH_KEY_PREVIOUS), the same as for functions and workers, verifies which letters
the relay itself wrote. replay needs it; without it, every letter is shown as unsigned.

With PUBSUB_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST set, it works on the emulators, otherwise on Google Cloud with
your application default credentials.

Exit status: 0; 1 if a letter failed; 2 for a mistake in the command line.`,
};

const COMMANDS = ['list', 'show', 'replay', 'drop'] as const;
export type Verb = (typeof COMMANDS)[number];

export interface DeadLetterOptions {
  readonly command: Verb;
  readonly projectId: string;
  readonly topicPrefix: string;
  /** Whether a letter is one of those asked for. */
  readonly chosen: (letter: KeptLetter, nowMs: number) => boolean;
  readonly limit: number;
  readonly perSecond: number;
  /** Do it; otherwise only print what would be done. */
  readonly act: boolean;
  readonly payload: boolean;
  readonly newTtlSeconds: number | undefined;
  /** Also replay what FCM may have. */
  readonly force: boolean;
  readonly hashKeys: HashKeys;
}

/** @throws UsageError */
export function deadLetterOptions(
  { values, positionals }: Parsed<typeof OPTIONS>,
  environment: NodeJS.ProcessEnv,
): DeadLetterOptions {
  const [word, letterId, ...more] = positionals;
  const command = COMMANDS.find((one) => one === word);
  const projectId = values.project ?? environment['GOOGLE_CLOUD_PROJECT'] ?? '';
  if (command === undefined) throw new UsageError(`say what to do: ${COMMANDS.join(', ')}`);
  if (more.length > 0)
    throw new UsageError(`"${more.join(' ')}" is too much: give one letter, or options that select several`);
  if (projectId === '') throw new UsageError('no project: pass --project or set GOOGLE_CLOUD_PROJECT');
  refuseMisplaced(values, command);
  if (command === 'show' && letterId === undefined && values['message-id'] === undefined)
    throw new UsageError('show which one? Give LETTER or --message-id');
  return {
    command,
    projectId,
    topicPrefix: values.prefix ?? environment['RELAY_TOPIC_PREFIX'] ?? '',
    chosen: chooser(letterId, values),
    limit: values.limit ?? (isActing(command) ? LIMIT.acting : LIMIT.looking),
    perSecond: values.rate,
    act: values.yes,
    payload: values.payload,
    hashKeys: hashKeysOf(environment, command),
    force: values.force,
    newTtlSeconds: values['new-ttl'],
  };
}

const isActing = (command: Verb): boolean => command === 'replay' || command === 'drop';

/** Options that the command does not understand. */
function refuseMisplaced(values: Values<typeof OPTIONS>, command: Verb): void {
  const { yes, 'dry-run': dryRun, payload, force, 'new-ttl': newTtl } = values;
  if (yes && dryRun) throw new UsageError('either --yes or --dry-run');
  if ((yes || dryRun) && !isActing(command))
    throw new UsageError(`${command} changes nothing: --yes and --dry-run are for replay and drop`);
  if (payload && command !== 'show') throw new UsageError('--payload is for show');
  if (force && command !== 'replay') throw new UsageError('--force is for replay');
  if (newTtl !== undefined && command !== 'replay') throw new UsageError('--new-ttl is for replay');
}

/** On the emulators of `npm start` the key is known. */
function hashKeysOf(environment: NodeJS.ProcessEnv, command: Verb): HashKeys {
  const local = environment['PUBSUB_EMULATOR_HOST'] === undefined ? '' : LOCAL_TOKEN_HASH_KEY;
  const current = environment['TOKEN_HASH_KEY'] ?? local;
  if (command === 'replay' && current.length < MIN_HASH_KEY_LENGTH) {
    throw new UsageError('replay signs: set TOKEN_HASH_KEY to the key of the worker');
  }
  return { current, previous: previousKey(environment['TOKEN_HASH_KEY_PREVIOUS']) };
}

function chooser(letterId: string | undefined, values: Values<typeof OPTIONS>): DeadLetterOptions['chosen'] {
  const { 'older-than': olderThanMs = -Infinity, 'newer-than': newerThanMs = Infinity } = values;
  const is = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted === undefined || wanted === found;
  return ({ id, messageId, senderId, reason, origin, publishedAtMs }, nowMs) =>
    is(letterId, id) &&
    is(values['message-id'], messageId) &&
    is(values.sender, senderId) &&
    is(values.reason, reason) &&
    origin.includes(values.origin ?? '') &&
    nowMs - publishedAtMs >= olderThanMs &&
    nowMs - publishedAtMs <= newerThanMs;
}
