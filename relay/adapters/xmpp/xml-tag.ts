import { StreamViolation } from './stream-violation.ts';
import { unescapeXml } from './xml-text.ts';

export interface OpenTag {
  readonly name: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly selfClosing: boolean;
}

// XML 1.0 §2.3, lenient beyond ASCII: a name that we do not know is never matched anyway.
const NAME_PART = '[A-Za-z_\\u0080-\\uffff][\\w.\\-\\u0080-\\uffff]*';
const NAME = new RegExp(`${NAME_PART}(?::${NAME_PART})?`, 'y');
const ATTRIBUTE = new RegExp(`\\s+(${NAME_PART}(?::${NAME_PART})?)\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y');
const END = /\s*\/?$/y;
const MAX_ATTRIBUTES = 64; // XMPP needs a handful

/** The text between `<` and `>` of a start tag or an empty element, parsed. */
export function parseOpenTag(raw: string): OpenTag {
  NAME.lastIndex = 0;
  const name = NAME.exec(raw)?.[0];
  if (name === undefined) throw new StreamViolation('not-well-formed', 'an element has no usable name');
  const attrs: Record<string, string> = {};
  let at = name.length;
  if (at === raw.length) return { name, attrs, selfClosing: false };
  for (let count = 0; ; count++) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(raw);
    if (match === null) break;
    at = ATTRIBUTE.lastIndex;
    const attribute = match[1] ?? '';
    if (count >= MAX_ATTRIBUTES)
      throw new StreamViolation('policy-violation', `more than ${MAX_ATTRIBUTES} attributes`);
    if (Object.hasOwn(attrs, attribute)) throw new StreamViolation('not-well-formed', 'an attribute stands twice');
    attrs[attribute] = unescapeXml(match[2] ?? match[3] ?? '');
  }
  END.lastIndex = at;
  if (!END.test(raw)) throw new StreamViolation('not-well-formed', 'a start tag cannot be read');
  return { name, attrs, selfClosing: raw.endsWith('/') };
}

/** Whether the text between `<` and `>` closes the element of that name. */
export const closes = (raw: string, name: string): boolean =>
  raw.startsWith(name, 1) && (raw.length === name.length + 1 || raw.slice(name.length + 1).trim() === '');
