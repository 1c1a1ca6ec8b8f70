import { parseArgs } from 'node:util';
import type { KeptLetter } from '../relay/adapters/pubsub/dead-letter-keep.ts';
import { MIN_HASH_KEY_LENGTH, previousKey, type HashKeys } from '../relay/model/token-hash.ts';
import { MAX_TTL_SECONDS } from '../relay/protocol/legacy/message.ts';

export const HELP = `Looks through the dead letters (fcm-downstream-dead-keep, kept for 31 days), and replays or drops them.

usage: npm run dead-letters -- list|show|replay|drop [LETTER] [options]

  list       one line a letter: its id, the message's id, sender, reason, age, bytes
  show       everything about a letter but its payload; choose it by LETTER or --message-id
  replay     opens the message's document again, puts the message back into its lane under the same id, removes the letter.
             What is no message of the queue is handed in again as a request. Whatever fails again comes back with its reason.
             A document that is neither dead nor unknown is left as it is; an unknown one needs --force.
  drop       removes the letter for good; its document stays dead
  LETTER     the letter's id, as list shows it

which letters:
  --message-id ID, --sender ID, --reason WORD    exactly these
  --origin TEXT                                  from a topic or subscription whose name holds TEXT
  --older-than AGE, --newer-than AGE             30s, 15m, 6h, 2d: by when they became dead letters
  --limit N        no more than N                (default: 100; replay and drop: 1000)

how:
  --yes            replay and drop do it; without it they only say what they would do, which --dry-run asks for by name
  --rate N         letters a second, 1 … 1000    (default: 50)
  --new-ttl SECONDS    replay: a message whose time_to_live is over gets this long from now; without it, it is left
  --force          replay: also messages that ended as unknown (FCM may have them, and the user would see them twice), and
                   requests in letters that the relay did not write (anybody who may publish there could have)
  --payload        show: the payload too, tokens and all
  --project P      (default: GOOGLE_CLOUD_PROJECT)
  --prefix X       (default: RELAY_TOPIC_PREFIX, then none)
  --help           this text

TOKEN_HASH_KEY (and TOKEN_HASH_KEY_PREVIOUS), as functions and workers have it, tells which letters the relay itself wrote.
replay needs it; without it everything shows as signed by nobody.

With PUBSUB_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST set it works on the emulators, otherwise on Google Cloud with your application default
credentials. Exit status: 0, 1 when a letter failed, 2 for a mistake in the command.`;

/** Of the stack that `npm start` runs; no secret. */
export const LOCAL_TOKEN_HASH_KEY = 'local-token-hash-key';

const COMMANDS = ['list', 'show', 'replay', 'drop'] as const;
export type Command = (typeof COMMANDS)[number];

export interface DeadLetterOptions {
  readonly command: Command;
  readonly projectId: string;
  readonly topicPrefix: string;
  /** Is it one of those that were asked for? */
  readonly chosen: (letter: KeptLetter, nowMs: number) => boolean;
  readonly limit: number;
  readonly perSecond: number;
  /** Do it; otherwise only say what would be done. */
  readonly act: boolean;
  readonly payload: boolean;
  readonly newTtlSeconds: number | undefined;
  /** Replay what FCM may have, too. */
  readonly force: boolean;
  readonly hashKeys: HashKeys;
}

const OPTIONS = {
  'message-id': { type: 'string' },
  sender: { type: 'string' },
  reason: { type: 'string' },
  origin: { type: 'string' },
  'older-than': { type: 'string' },
  'newer-than': { type: 'string' },
  limit: { type: 'string' },
  rate: { type: 'string', default: '50' },
  'new-ttl': { type: 'string' },
  force: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  payload: { type: 'boolean', default: false },
  project: { type: 'string' },
  prefix: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * `undefined` when only help is wanted. Throws a TypeError on an option that there is not, a RangeError on a bad value.
 */
export function deadLetterOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): DeadLetterOptions | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (values.help) return undefined;
  const [word, letterId, ...more] = positionals;
  const command = COMMANDS.find((one) => one === word);
  const acts = command === 'replay' || command === 'drop';
  const project = values.project ?? environment['GOOGLE_CLOUD_PROJECT'] ?? '';
  if (command === undefined) throw new RangeError(`say what to do: ${COMMANDS.join(', ')}`);
  if (more.length > 0)
    throw new RangeError(`"${more.join(' ')}" is too much: one letter, or options that choose several`);
  if (project === '') throw new RangeError('no project: pass --project or set GOOGLE_CLOUD_PROJECT');
  if (values.yes && values['dry-run']) throw new RangeError('either --yes or --dry-run');
  if ((values.yes || values['dry-run']) && !acts)
    throw new RangeError(`${command} changes nothing: --yes and --dry-run are for replay and drop`);
  if (values.payload && command !== 'show') throw new RangeError('--payload is for show');
  if (values.force && command !== 'replay') throw new RangeError('--force is for replay');
  if (values['new-ttl'] !== undefined && command !== 'replay') throw new RangeError('--new-ttl is for replay');
  if (command === 'show' && letterId === undefined && values['message-id'] === undefined)
    throw new RangeError('show which one? Give LETTER or --message-id');
  return {
    command,
    projectId: project,
    topicPrefix: values.prefix ?? environment['RELAY_TOPIC_PREFIX'] ?? '',
    chosen: chooser(letterId, values),
    limit: whole('limit', values.limit ?? (acts ? '1000' : '100'), 1_000_000),
    perSecond: whole('rate', values.rate, 1_000),
    act: values.yes,
    payload: values.payload,
    hashKeys: hashKeysOf(environment, command),
    force: values.force,
    newTtlSeconds: values['new-ttl'] === undefined ? undefined : whole('new-ttl', values['new-ttl'], MAX_TTL_SECONDS),
  };
}

/** On the emulators of `npm start` the key is known. */
function hashKeysOf(environment: NodeJS.ProcessEnv, command: Command): HashKeys {
  const local = environment['PUBSUB_EMULATOR_HOST'] === undefined ? '' : LOCAL_TOKEN_HASH_KEY;
  const current = environment['TOKEN_HASH_KEY'] ?? local;
  if (command === 'replay' && current.length < MIN_HASH_KEY_LENGTH) {
    throw new RangeError('replay signs: set TOKEN_HASH_KEY, the same as the worker has');
  }
  return { current, previous: previousKey(environment['TOKEN_HASH_KEY_PREVIOUS']) };
}

type Given = Readonly<
  Partial<Record<'message-id' | 'sender' | 'reason' | 'origin' | 'older-than' | 'newer-than', string>>
>;

function chooser(letterId: string | undefined, given: Given): DeadLetterOptions['chosen'] {
  const [olderThanMs, newerThanMs] = [
    ageMs('older-than', given['older-than']),
    ageMs('newer-than', given['newer-than']),
  ];
  const is = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted === undefined || wanted === found;
  return ({ id, messageId, senderId, reason, origin, publishedAtMs }, nowMs) =>
    is(letterId, id) &&
    is(given['message-id'], messageId) &&
    is(given.sender, senderId) &&
    is(given.reason, reason) &&
    origin.includes(given.origin ?? '') &&
    nowMs - publishedAtMs >= (olderThanMs ?? -Infinity) &&
    nowMs - publishedAtMs <= (newerThanMs ?? Infinity);
}

function whole(name: string, text: string, most: number): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) throw new RangeError(`--${name} must be a whole number, 1 … ${most}, not "${text}"`);
  return value;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function ageMs(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new RangeError(`--${name} must be like 30s, 15m, 6h or 2d, not "${text}"`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
