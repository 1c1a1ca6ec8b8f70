import fc from 'fast-check';
import { BIND, HEADER, KEY, memoryServer, USER } from '../support/memory-client.ts';
import { message, plain } from '../support/wire-client.ts';

const LOGIN: readonly string[] = [HEADER, plain(USER, KEY), HEADER, BIND];
const WORDS = [
  '<',
  '>',
  '&',
  '&amp;',
  '&#x0;',
  '&#x1F600;',
  '&nope;',
  '"',
  "'",
  '/>',
  '</',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE a>',
  '<?xml version="1.0"?>',
  ' ',
  '\0',
  '\u{1F600}',
  'ż',
  '<message>',
  '</message>',
  '<gcm xmlns="google:mobile:data">',
  '<x:gcm xmlns:x="google:mobile:data">',
  '</gcm>',
  '</x:gcm>',
  '{"to":"device-token","message_id":"m"}',
  '{"message_type":"ack"}',
  '</stream:stream>',
  '<a b="c" b="d">',
  '<a:b/>',
  HEADER,
  BIND,
  ...LOGIN,
  message({ to: 'device-token', message_id: 'x', data: { a: 'b' } }),
  message({ message_id: 'u', message_type: 'ack', to: 'device-token' }),
];

const json = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      to: fc.oneof(fc.string(), fc.constant('device-token')),
      message_id: fc.oneof(fc.string(), fc.jsonValue()),
      data: fc.jsonValue(),
      notification: fc.jsonValue(),
      condition: fc.oneof(fc.string(), fc.constant("'a' in topics && 'b' in topics")),
      time_to_live: fc.jsonValue(),
      message_type: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
);
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: json.map((value) => message(value)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

/** What a hostile or broken client may send: mostly XMPP, in any order, some bytes changed, split anywhere. */
const stream = fc.record({
  loggedIn: fc.boolean(),
  pieces: fc.array(piece, { maxLength: 30 }),
  flips: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 3 }),
  cuts: fc.array(fc.nat(), { maxLength: 20 }),
});

function bytesOf({
  loggedIn,
  pieces,
  flips,
}: {
  loggedIn: boolean;
  pieces: string[];
  flips: { at: number; byte: number }[];
}): Buffer {
  const bytes = Buffer.from((loggedIn ? LOGIN.join('') : '') + pieces.join(''));
  for (const { at, byte } of flips) if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
}

function run(chunks: readonly Buffer[]): { text: string; ended: boolean } {
  const client = memoryServer().connect();
  for (const chunk of chunks) client.session.receive(chunk);
  // Which of two faults in a text is reported depends on where the text is split.
  return { text: client.take().replace(/<(?:invalid|restricted)-xml /, '<bad-xml '), ended: client.ended };
}

/** The session never throws, and its output does not depend on how the input is split. */
export const hostileStream = fc.property(stream, (drawn) => {
  const bytes = bytesOf(drawn);
  const whole = run([bytes]);
  const cuts = [...new Set(drawn.cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...cuts].map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length));
  const cut = run(pieces);
  if (cut.text !== whole.text || cut.ended !== whole.ended)
    throw new Error(`split at ${cuts.join(', ')}: ${cut.text} instead of ${whole.text}`);
});
