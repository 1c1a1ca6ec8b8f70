import { StreamViolation } from './stream-violation.ts';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const LAST_CODE_POINT = 0x10ffff;

/**
 * Unescapes text of the stream. Only XML's own five entities exist (RFC 6120 §11.1). A number may name any code point,
 * even those that XML forbids and halves of surrogate pairs, which careless servers write: CCS repeats an upstream
 * message that we do not ack, so refusing an odd character would cost every connection after this one too.
 */
export function unescapeXml(raw: string): string {
  if (!raw.includes('&')) return raw;
  const unquoted = raw.replaceAll('&quot;', '"'); // nearly all of them in JSON; one by one they take twice as long
  if (!unquoted.includes('&')) return unquoted;
  return unquoted.replace(
    /&(?:([a-z]{2,4});|#(\d{1,9});|#x([0-9a-fA-F]{1,8});)?/g,
    (_match, name?: string, decimal?: string, hex?: string) => {
      const named = name === undefined ? undefined : NAMED[name];
      return named ?? character(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
    },
  );
}

function character(codePoint: number): string {
  if (codePoint <= LAST_CODE_POINT) return String.fromCodePoint(codePoint);
  throw new StreamViolation('restricted-xml', 'an entity other than the five of XML, or a bare "&"');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

// What XML 1.0 cannot carry, not even as a number: controls, U+FFFE, U+FFFF, halves of surrogate pairs.
const UNSPEAKABLE = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff\\ud800-\\udfff';
const IN_ATTRIBUTE = new RegExp(`[&<>"'\\t\\n\\r${UNSPEAKABLE}]`, 'gu');
const IN_JSON = new RegExp(`[&<>${UNSPEAKABLE}]`, 'gu');
const REPLACEMENT = '\ufffd';

/** An attribute's value; what XML cannot carry becomes U+FFFD. */
export const escapeAttribute = (value: string): string =>
  value.replace(IN_ATTRIBUTE, (character) => ESCAPES[character] ?? REPLACEMENT);

/**
 * JSON as an element's text. What XML cannot carry (`JSON.stringify` leaves U+FFFE and U+FFFF as they are) gets its
 * JSON escape: a raw one would make CCS end the stream, and every stream on which the message is sent again.
 */
export const escapeJsonText = (json: string): string => {
  return json.replace(
    IN_JSON,
    (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
};
