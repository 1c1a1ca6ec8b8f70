import fc from 'fast-check';
import { messageStanza } from '../../../../relay/adapters/xmpp/message-stanza.ts';
import { escapeJsonText } from '../../../../relay/adapters/xmpp/xml-text.ts';
import { HEADER, readStream } from './support/read-stream.ts';

const SCRIPTS =
  'Ünïcödé Ελληνικά Кириллица עברית العربية हिन्दी ไทย 한국어 日本語 简体 ქართული ᏣᎳᎩ ⠃⠗ 𐎀𐎁 𓀀 👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 \u0000? <![CDATA[x]]> ]]> &amp; &quot; <gcm> "quoted" \'single\'';
const gcm = (text: string): string => `<message><data:gcm xmlns:data="google:mobile:data">${text}</data:gcm></message>`;
const textOf = (stream: ReturnType<typeof readStream>): (string | undefined)[] =>
  stream.elements.map((element) => messageStanza(element).json);

const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 });
/** One text, written in each of the ways that XML allows, piece by piece. */
const ways: readonly ((piece: string) => string)[] = [
  (piece) => piece.replace(/[&<]/g, (c) => (c === '&' ? '&amp;' : '&lt;')),
  (piece) =>
    piece.replace(
      /[&<>"']/g,
      (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[c] ?? c,
    ),
  (piece) =>
    Array.from(piece)
      .map((c) => `&#${c.codePointAt(0)};`)
      .join(''),
  (piece) =>
    Array.from(piece)
      .map((c) => `&#x${c.codePointAt(0)?.toString(16)};`)
      .join(''),
  (piece) =>
    piece
      .split('')
      .map((c) => `&#${c.charCodeAt(0)};`)
      .join(''), // surrogate halves one by one, as some Java servers write them
  (piece) => `<![CDATA[${piece.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`,
];

test('text of every script comes through whole, however it is written and wherever the chunks are cut', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...SCRIPTS.split(' ')),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.constantFrom(...ways))), sizes, (pieces, cuts) => {
      const written = pieces.map(([text, way]) => way(text)).join('');
      const stream = readStream(`${HEADER}${gcm(written)}${gcm('after')}`, cuts);
      expect(stream.refused).toBeUndefined();
      expect(textOf(stream)).toEqual([pieces.map(([text]) => text).join(''), 'after']);
    }),
    { numRuns: 500 },
  );
});

test('JSON that we write is read back the same, whatever is in it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), sizes, (value, cuts) => {
      const [json] = textOf(readStream(HEADER + gcm(escapeJsonText(JSON.stringify(value))), cuts));
      expect(JSON.parse(json ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['U+FFFE and U+FFFF', '"a\ufffeb\uffff"', '"a\\ufffeb\\uffff"'],
  ['half a surrogate pair', '"\ud800"', '"\\ud800"'],
  ['a control character', '"\u0001"', '"\\u0001"'],
])('what XML cannot carry leaves as a JSON escape: %s', (_name, json, written) => {
  expect(escapeJsonText(json)).toBe(written);
});

const stanza = (inside: string): string => `${HEADER}<message>${inside}</message>`;
test.each([
  ['a DOCTYPE', `${HEADER}<!DOCTYPE x>`, 'restricted-xml'],
  ['a DOCTYPE before the stream', '<!DOCTYPE x [<!ENTITY a "b">]>', 'restricted-xml'],
  ['a DOCTYPE within a stanza', stanza('<!DOCTYPE x>'), 'restricted-xml'],
  ['a comment', stanza('<!-- x -->'), 'restricted-xml'],
  ['a comment between stanzas', `${HEADER}<!-- x -->`, 'restricted-xml'],
  ['CDATA between stanzas', `${HEADER}<![CDATA[x]]>`, 'restricted-xml'],
  ['a processing instruction', stanza('<?php x ?>'), 'restricted-xml'],
  ['a processing instruction at the start', `<?xml-stylesheet href="x"?>${HEADER}`, 'unsupported-encoding'],
  ['a second XML declaration', `<?xml version="1.0"?><?xml version="1.0"?>${HEADER}`, 'restricted-xml'],
  ['an XML declaration after white space', ` <?xml version="1.0"?>${HEADER}`, 'restricted-xml'],
  ['an XML declaration without end', `<?xml ${'x'.repeat(300)}`, 'restricted-xml'],
  ['another encoding', `<?xml version="1.0" encoding="UTF-16"?>${HEADER}`, 'unsupported-encoding'],
  ['an entity of its own', stanza('&nbsp;'), 'restricted-xml'],
  ['a bare ampersand', stanza('a & b'), 'restricted-xml'],
  ['an ampersand at the end', stanza('a &'), 'restricted-xml'],
  ['a number that is no character', stanza('&#x110000;'), 'restricted-xml'],
  ['an entity in an attribute', `${HEADER}<message id="&foo;"/>`, 'restricted-xml'],
  ['text between stanzas', `${HEADER}hello`, 'not-well-formed'],
  ['text before the stream', 'HTTP/1.1 400 Bad Request', 'not-well-formed'],
  ['a byte order mark', `\ufeff${HEADER}`, 'not-well-formed'],
  ['an end tag of another name', stanza('<a></b>'), 'not-well-formed'],
  ['an end tag too many', '</stream:stream>', 'not-well-formed'],
  ['an attribute twice', `${HEADER}<message id="1" id="2"/>`, 'not-well-formed'],
  ['an attribute without quotes', `${HEADER}<message id=1/>`, 'not-well-formed'],
  ['"<" in an attribute', `${HEADER}<message id="<"/>`, 'not-well-formed'],
  ['a tag in a tag', `${HEADER}<message <a>`, 'not-well-formed'],
  ['no name', `${HEADER}<>`, 'not-well-formed'],
  ['a name that is none', `${HEADER}<1a/>`, 'not-well-formed'],
  ['another root', '<html>', 'invalid-namespace'],
  ['another stream namespace', '<stream:stream xmlns:stream="urn:x" xmlns="jabber:client">', 'invalid-namespace'],
  [
    'a stream between servers',
    '<stream:stream xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:server">',
    'invalid-namespace',
  ],
])('%s is refused', (_name, input, condition) => {
  expect(readStream(input).refused).toBe(condition);
  expect(readStream(input, [1]).refused).toBe(condition);
});

test.each([
  ['a byte that never occurs', [0xff]],
  ['an overlong form', [0xc0, 0xaf]],
  ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['a continuation without lead', [0x80]],
  ['a character that breaks off', [0xe2, 0x82, 0x41]],
])('bytes that are not UTF-8 are refused: %s', (_name, bytes) => {
  const input = Buffer.concat([Buffer.from(`${HEADER}<message>`), Buffer.from(bytes), Buffer.from('</message>')]);
  expect(readStream(input).refused).toBe('bad-format');
  expect(readStream(input, [1]).refused).toBe('bad-format');
});

test('an XML declaration may stand at the very start', () => {
  const stream = readStream(
    `<?xml version='1.0' encoding="utf-8"?>\n${HEADER}<message id="&lt;1&#62;"/></stream:stream>`,
    [1],
  );
  expect(stream).toMatchObject({ elements: [{ attrs: { id: '<1>' } }], ended: true });
  expect(stream.refused).toBeUndefined();
});

test('nothing after the end of the stream is read', () => {
  expect(readStream(`${HEADER}</stream:stream>garbage <!DOCTYPE`)).toEqual({ elements: [], ended: true });
});

describe('limits', () => {
  test.each([
    ['text', `<message>${'x'.repeat(1_000)}`],
    ['CDATA', `<message><![CDATA[${'x'.repeat(1_000)}`],
    ['an attribute', `<message id="${'x'.repeat(1_000)}`],
    ['many elements', `<message>${'<a/>'.repeat(250)}`],
    ['white space within a stanza', `<message>${' '.repeat(1_000)}`],
  ])('a stanza longer than the limit is refused before its end: %s', (_name, input) => {
    for (const cuts of [[], [1], [7]])
      expect(readStream(HEADER + input, cuts, { stanzaLength: 900 }).refused).toBe('policy-violation');
  });

  test('each stanza counts for itself, also when CDATA sections share a chunk', () => {
    const one = `<message><![CDATA[${'x'.repeat(50)}]]><![CDATA[y]]></message>`;
    for (const cuts of [[], [1], [70]]) {
      const stream = readStream(HEADER + one.repeat(20), cuts, { stanzaLength: 110 });
      expect([stream.refused, stream.elements.length]).toEqual([undefined, 20]);
    }
  });

  test('depth and number of elements', () => {
    const nested = (depth: number): string =>
      `${HEADER}<message>${'<a>'.repeat(depth - 1)}${'</a>'.repeat(depth - 1)}</message>`;
    expect(readStream(nested(32)).elements).toHaveLength(1);
    expect(readStream(nested(33)).refused).toBe('policy-violation');
    const wide = (count: number): string => `${HEADER}<message>${'<a/>'.repeat(count - 1)}</message>`;
    expect(readStream(wide(1_024)).elements).toHaveLength(1);
    expect(readStream(wide(1_025)).refused).toBe('policy-violation');
    const attributes = (count: number): string =>
      `${HEADER}<message ${Array.from({ length: count }, (_, i) => `a${i}=""`).join(' ')}/>`;
    expect(readStream(attributes(64)).elements).toHaveLength(1);
    expect(readStream(attributes(65)).refused).toBe('policy-violation');
  });

  test('16 MB of text is refused at the limit, and the largest stanza takes time linear in its length', () => {
    expect(readStream(`${HEADER}<message>${'x'.repeat(16_000_000)}`, [16_384]).refused).toBe('policy-violation');
    const text = '&amp;é'.repeat(170_000);
    expect(textOf(readStream(HEADER + gcm(text), [3]))).toEqual(['&é'.repeat(170_000)]);
  }, 30_000); // the library's parser, quadratic, needs minutes

  test('white space between stanzas, the keepalive, is not kept and has no limit', () => {
    const stream = readStream(`${HEADER}${' \n'.repeat(2_000_000)}<message/>`, [16_384]);
    expect([stream.refused, stream.elements.length]).toEqual([undefined, 1]);
  });
});
