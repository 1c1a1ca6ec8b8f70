import { readJson } from '../../../../relay/service/requests/read-json.ts';
import { describeErrors } from '../../../../relay/service/requests/record-refusal.ts';
import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import { decodeFrame } from '../../../../relay/protocol/ccs/decode.ts';
import { encodeDownstream } from '../../../../relay/protocol/ccs/encode.ts';
import { parseJson } from '../../../../relay/protocol/json/json.ts';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';
import { decodeQueued } from '../../../../relay/protocol/queue/queued.ts';
import { LEGACY_FIELDS } from '../../../../relay/protocol/legacy/legacy-fields.ts';

/**
 * No input may take time by the square of its size: a body has 8 MB. Each piece of work is done at n and at 2n, the
 * best of several runs each. Work by the square takes four times as long at 2n; the constant forgives what is too quick
 * to be measured. In many small inputs, too: some rules give up on a large one.
 */
const SCALES = [
  { n: 50_000, times: 1 },
  { n: 2_000, times: 50 },
];
const RUNS = 4;
const QUICK_MS = 1;
const UNMEASURED_MS = 200;
const TRIES = 3; // something else may have had the processor

function bestMs(work: () => unknown): number {
  let best = Infinity;
  for (let run = 0; run < RUNS && best > QUICK_MS; run += 1) {
    const startMs = performance.now();
    work();
    best = Math.min(best, performance.now() - startMs);
  }
  return best;
}

/** `made` builds the input, which is not measured. */
function expectLinear<T>(made: (n: number) => T, work: (input: T) => unknown, name = ''): void {
  for (const { n, times } of SCALES) {
    const [small, large] = [made(n), made(2 * n)];
    const repeated = (input: T) => (): void => {
      for (let time = 0; time < times; time += 1) work(input);
    };
    for (let tried = 1; ; tried += 1) {
      const [ms, doubleMs] = [bestMs(repeated(small)), bestMs(repeated(large))];
      if (ms < 2_000 && doubleMs < 3.5 * ms + UNMEASURED_MS) break;
      if (tried === TRIES) throw new Error(`${name} ${times} times at ${n}: ${ms} ms, at ${2 * n}: ${doubleMs} ms`);
    }
  }
}

const cycle = (length: number, from: number, of: number): string =>
  String.fromCharCode(...Array.from({ length: of }, (_, at) => from + at))
    .repeat(Math.ceil(length / of))
    .slice(0, length);

/** Texts that some pattern may stumble over, of n characters. */
const TEXTS: Readonly<Record<string, (n: number) => string>> = {
  letters: (n) => 'a'.repeat(n),
  digits: (n) => '1'.repeat(n),
  zeros: (n) => '0'.repeat(n),
  spaces: (n) => ' '.repeat(n),
  'spaces, then a letter': (n) => `${' '.repeat(n)}x`,
  underscores: (n) => `__${'_'.repeat(n)}x`,
  dots: (n) => '.'.repeat(n),
  quotes: (n) => "'".repeat(n),
  'one quote': (n) => `'${'a'.repeat(n)}`,
  parentheses: (n) => '('.repeat(n),
  topics: (n) => "'a' in topics && ".repeat(n / 16),
  'blanks in a condition': (n) => `'a' in${' '.repeat(n)}topic`,
  'a topic': (n) => `/topics/${'a'.repeat(n)}`,
  'a host of many characters': (n) => `https://${cycle(n, 0x4e00, 20_000)}.com/`,
  'a host of many labels': (n) => `https://${'é.'.repeat(n / 2)}com/`,
  'a host in percents': (n) => `https://${'%C3%A9'.repeat(n / 6)}.com/`,
  'a path of dots': (n) => `https://a.com/${'../'.repeat(n / 3)}`,
  'a scheme without end': (n) => `a${'+'.repeat(n)}`,
  colours: (n) => `#${'a'.repeat(n)}`,
  'JSON of a list': (n) => `[${'"a",'.repeat(n / 4)}"a"]`,
  brackets: (n) => '['.repeat(n),
  'a token, almost': (n) => `${'A'.repeat(n)} `,
  'https hosts, capped': () => `https://${cycle(255, 0x4e00, 255)}/`,
};

const NOTIFICATION = [
  'title',
  'body',
  'badge',
  'click_action',
  'icon',
  'image',
  'color',
  'title_loc_args',
  'body_loc_args',
  'android_channel_id',
];
const parse = (input: unknown) => parseDownstream(input, { senders: ['1'], newMessageId: () => 'm' });

describe.each(Object.entries(TEXTS))('%s', (_name, text) => {
  test('as any field of a message', () => {
    for (const field of [...Object.keys(LEGACY_FIELDS), 'sender_id', 'another'])
      expectLinear((n) => ({ to: 'T', [field]: text(n) }), parse, field);
  });

  test('as any field of a notification', () => {
    for (const field of NOTIFICATION)
      expectLinear((n) => ({ to: 'T', notification: { [field]: text(n) } }), parse, field);
  });

  test('as a value and as a key of data, and as an unknown name', () => {
    expectLinear((n) => ({ to: 'T', [text(n)]: 1, data: { x: text(n), [`google${text(n)}`]: 1 } }), parse);
  });

  test('as JSON, and as a string in it', () => {
    expectLinear(
      (n) => [
        Buffer.from(text(n)),
        Buffer.from(JSON.stringify({ to: text(n), n: 1 })),
        Buffer.from(`{"n":1.0,"to":"${text(n)}`),
      ],
      (all) => all.map(readJson),
    );
  });
});

const many = (n: number, name: (at: number) => string): Record<string, number> =>
  Object.fromEntries(Array.from({ length: n }, (_, at) => [name(at), at]));

test.each<[string, (n: number) => unknown]>([
  ['unknown fields', (n) => ({ to: 'T', ...many(n / 8, (at) => `x${at}`) })],
  ['data keys', (n) => ({ to: 'T', data: many(n / 8, (at) => `x${at}`) })],
  ['reserved data keys', (n) => ({ to: 'T', data: many(n / 8, (at) => `google${at}`) })],
  ['notification keys', (n) => ({ to: 'T', notification: many(n / 8, (at) => `x${at}`) })],
  ['loc_args', (n) => ({ to: 'T', notification: { body_loc_args: Array.from({ length: n }, () => 'a') } })],
  ['a list in data', (n) => ({ to: 'T', data: { x: Array.from({ length: n }, () => 1) } })],
])('many %s', (_name, made) => {
  expectLinear(made, (input) => {
    const parsed = parse(input);
    return parsed.ok ? canonicalContent(parsed.value) : describeErrors(parsed.errors);
  });
});

test.each<[string, (n: number) => string]>([
  ['odd numbers', (n) => `[${'1.0,'.repeat(n / 4)}1]`],
  ['odd numbers of many digits', (n) => `[1.${'0'.repeat(n)}]`],
  ['numbers', (n) => `[${'1,'.repeat(n / 2)}1]`],
  ['escapes', (n) => `["${'\\"'.repeat(n / 2)}",1.0]`],
  ['backslashes', (n) => `["${'\\\\'.repeat(n / 2)}",1.0]`],
  ['members', (n) => `{${Array.from({ length: n / 16 }, (_, at) => `"k${at}":1.0`).join()}}`],
  ['one member again and again', (n) => `{${'"a":1.0,'.repeat(n / 8)}"a":2}`],
  ['nesting', (n) => `${'['.repeat(n)}1.0${']'.repeat(n)}`],
])('JSON with %s', (_name, made) => {
  expectLinear(made, parseJson);
  expectLinear(
    (n) => `{"message_id":"u","from":"T","data":${made(n)}}`,
    (json) => decodeFrame({ json }),
  );
});

test('a queue message, and what is sent of it, at the largest', () => {
  const message = {
    message_id: 'm',
    to: 'T',
    priority: 'normal',
    time_to_live: 0,
    data: { x: '\u0001'.repeat(4_000) },
  } as const;
  expectLinear(
    (n) =>
      Buffer.from(JSON.stringify({ v: 1, sender_id: '1', accepted_at: 0, message: { ...message, to: 'x'.repeat(n) } })),
    decodeQueued,
  );
  expectLinear(
    (n) => ({ ...message, to: '\uFFFE'.repeat(n) }),
    (large) => encodeDownstream(large, 1),
  );
});

test.each([255, 650, 1_300, 4_000])(
  '500 messages with the dearest hosts there are, of %d characters, take no seconds',
  (length) => {
    const url = `https://${cycle(length, 0x4e00, length)}/`;
    const work = (): unknown =>
      Array.from({ length: 500 }, () => parse({ to: 'T', notification: { click_action: url, icon: url, image: url } }));
    expect(bestMs(work)).toBeLessThan(2_500); // 0.15 s where nothing else runs
  },
);
