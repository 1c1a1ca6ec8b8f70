import fc from 'fast-check';
import { WireLog } from '../../../../fcm-emulator/ccs/tls/wire-log.ts';
import type { WireEntry } from '../../../../fcm-emulator/history/wire-entry.ts';
import { BIND, HEADER } from '../../support/memory-client.ts';
import { message } from '../../support/wire-client.ts';

const SECRET = 'AHNlbmRlcgBzZXJ2ZXIta2V5';
const logins = (start: string, end = '</auth>'): string => `${HEADER}${start}${SECRET}${end}${HEADER}${BIND}`;

function lines(text: string, cuts: readonly number[] = []): string[] {
  const entries: WireEntry[] = [];
  const log = new WireLog((entry) => void entries.push(entry));
  const bytes = Buffer.from(text);
  const sorted = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  sorted.forEach((from, at) => log.received(bytes.subarray(from, sorted[at + 1] ?? bytes.length)));
  return entries.map(({ text: line }) => line);
}

test('logs one line per stanza, with *** in place of the SASL response', () => {
  expect(lines(`<?xml version="1.0"?>\n${logins('<auth mechanism="PLAIN">')} ${message({ a: 1 })}`)).toEqual([
    '<?xml version="1.0"?>',
    `\n${HEADER}`,
    '<auth mechanism="PLAIN">***</auth>',
    HEADER,
    BIND,
    ` ${message({ a: 1 })}`,
  ]);
});

test.each([
  '<auth mechanism="PLAIN">',
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'\n mechanism='PLAIN'>",
  '<sasl:auth xmlns:sasl="urn:ietf:params:xml:ns:xmpp-sasl">',
  '<AUTH>',
  '<response>',
  '<auth a=">">',
])('no response is logged, wherever the bytes are split: %s', (start) => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.constantFrom('</auth>', '</sasl:auth >', '', '<'), (cuts, end) => {
      const shown = lines(logins(start, end), cuts).join('');
      for (let at = 0; at + 4 <= SECRET.length; at += 1) expect(shown).not.toContain(SECRET.slice(at, at + 4));
    }),
    { numRuns: 300 },
  );
});

/** White space does not count: a chunk of nothing else is not logged, since it looks like a keepalive. */
const said = (text: string, cuts?: readonly number[]): string => lines(text, cuts).join('').replaceAll(/\s/g, '');

test('the log does not depend on where the bytes are split', () => {
  const text = `${logins('<auth>')}${message({ data: 'żółć 漢字 \u{1F600}' })}<message id="1`;
  fc.assert(fc.property(fc.array(fc.nat()), (cuts) => expect(said(text, cuts)).toBe(said(text))));
});

test('a long stanza is truncated; an endless tag or response takes bounded memory', () => {
  expect(lines(message('x'.repeat(5_000)))).toEqual([expect.stringMatching(/x… \d+ more$/)]);
  expect(lines(`<message a="${'x'.repeat(9_000)}${SECRET}"><auth>${SECRET}`, [10, 8_900, 9_050])).toEqual([
    '… a tag longer than 8192 characters: further input is not logged',
  ]);
  expect(lines(`<auth>${'x'.repeat(100_000)}</auth>`, [500, 50_000])).toEqual(['<auth>', '***</auth>']);
});
