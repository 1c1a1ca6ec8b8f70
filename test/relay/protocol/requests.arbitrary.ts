import fc from 'fast-check';

/** Valid requests of every kind, as JSON would give them, small enough for a topic. */
const topic = fc.stringMatching(/^[a-zA-Z0-9\-_.~%]{1,30}$/);
const text = fc.string({ unit: 'binary', maxLength: 20 });

const conditionOf = (topics: readonly string[], operators: readonly string[]) =>
  topics.map((name, i) => `${i === 0 ? '' : (operators[i - 1] ?? '')}'${name}' in topics`).join('');

const target = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9:_-]{1,60}$/).map((to) => ({ to })),
  topic.map((name) => ({ to: `/topics/${name}` })),
  fc
    .tuple(
      fc.array(topic, { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom('&&', ' || '), { minLength: 2, maxLength: 2 }),
    )
    .map(([topics, operators]) => ({ condition: conditionOf(topics, operators) })),
);

const dataKey = fc
  .oneof(fc.constantFrom('__proto__', 'constructor', 'collapse_key', '', '1'), text)
  .filter((key) => !/^(from$|message_type$|google|gcm)/.test(key));
const args = fc.array(text, { maxLength: 3 });
const notification = fc.record(
  {
    title: text,
    body: text,
    badge: fc.oneof(fc.nat(), fc.nat().map(String)),
    color: fc.stringMatching(/^#[0-9a-fA-F]{6}$/),
    click_action: fc.constantFrom('OPEN', 'https://example.com/'),
    title_loc_args: fc.oneof(
      args,
      args.map((list) => JSON.stringify(list)),
    ),
  },
  { requiredKeys: [] },
);

const options = {
  message_id: fc.stringMatching(/^[A-Za-z0-9:.~ -]{1,40}$/).filter((id) => id !== '.' && id !== '..'),
  collapse_key: text,
  priority: fc.constantFrom('high', 'normal'),
  content_available: fc.boolean(),
  mutable_content: fc.boolean(),
  time_to_live: fc.oneof(
    fc.integer({ min: 0, max: 2_419_200 }),
    fc.integer({ min: 0, max: 2_419_200 }).map(String),
    fc.constant(-0),
  ),
  dry_run: fc.boolean(),
  delivery_receipt_requested: fc.boolean(),
  data: fc
    .dictionary(dataKey, fc.oneof(text, fc.jsonValue({ maxDepth: 2 })))
    .filter((data) => Buffer.byteLength(JSON.stringify(data)) < 1_000),
  notification,
};

export const goodRequest = fc
  .tuple(target, fc.record(options, { requiredKeys: [] }))
  .map(([to, rest]): Record<string, unknown> => ({ ...to, ...rest }));

/** Fields of the right names and any values at all, with targets, ids and keys that are almost right among them. */
const nearly = fc.constantFrom<unknown>(
  '',
  '/topics/',
  '/topics/a',
  "'a' in topics",
  '('.repeat(60),
  '#aabbcc',
  '["a"]',
  ['a'],
  [1],
  '600',
  -1,
  'high',
  'a/b',
  '__x__',
  'http://a',
);
export const anyRequest = fc.dictionary(
  fc.oneof(
    fc.constantFrom('to', 'condition', 'sender_id', 'registration_ids', '__proto__', ...Object.keys(options)),
    fc.string(),
  ),
  fc.oneof(
    nearly,
    fc.jsonValue(),
    fc.dictionary(
      fc.oneof(fc.constantFrom('from', 'google', 'color', 'badge', 'body_loc_args', 'icon'), fc.string()),
      fc.oneof(nearly, fc.jsonValue()),
    ),
  ),
);
