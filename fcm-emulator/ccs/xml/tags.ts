import { XmlError } from './xml-error.ts';

/** A parsed start or end tag. */
export interface Tag {
  readonly kind: 'start' | 'end';
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly empty: boolean;
}

// Looser than XML's own rule: letters of any script are legal, so only ASCII punctuation is excluded.
const NAME = String.raw`[A-Za-z_:\u0080-\uFFFD][A-Za-z0-9_:.\-\u0080-\uFFFD]*`;
const START = new RegExp(String.raw`(${NAME})`, 'y');
const ATTRIBUTE = new RegExp(String.raw`[ \t\r\n]+(${NAME})[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')`, 'y');
const TAIL = /[ \t\r\n]*(\/?)$/y;
const END = new RegExp(String.raw`^/(${NAME})[ \t\r\n]*$`);

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
const MAX_CODE_POINT = 0x10ffff;

function entity(reference: string, name: string): string {
  if (!name.startsWith('#')) {
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known === undefined) throw new XmlError('restricted-xml', `entity ${reference}`);
    return known;
  }
  const digits = name.startsWith('#x') ? /^[0-9a-fA-F]+$/.test(name.slice(2)) : /^[0-9]+$/.test(name.slice(1));
  const point = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  if (!digits || point > MAX_CODE_POINT || surrogate)
    throw new XmlError('invalid-xml', `character reference ${reference}`);
  const text = String.fromCodePoint(point);
  if (FORBIDDEN.test(text)) throw new XmlError('invalid-xml', `character reference ${reference}`);
  return text;
}

/** Resolves references. `text` must not end inside one. */
export function unescape(text: string): string {
  if (FORBIDDEN.test(text)) throw new XmlError('invalid-xml', 'a control character');
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]*)(;?)/g, (reference: string, name: string, semicolon: string) => {
    if (semicolon === '') throw new XmlError('invalid-xml', 'a bare &');
    return entity(reference, name);
  });
}

function startTag(source: string): Tag {
  START.lastIndex = 0;
  const name = START.exec(source)?.[1];
  if (name === undefined) throw new XmlError('invalid-xml', 'no tag name');
  let at = START.lastIndex;
  let attributes: Record<string, string> | undefined;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(source);
    if (found === null) break;
    at = ATTRIBUTE.lastIndex;
    attributes ??= Object.create(null) as Record<string, string>;
    const key = found[1] ?? '';
    if (key in attributes) throw new XmlError('invalid-xml', `duplicate attribute ${key}`);
    attributes[key] = unescape(found[2] ?? found[3] ?? '');
  }
  TAIL.lastIndex = at;
  const tail = TAIL.exec(source);
  if (tail === null) throw new XmlError('invalid-xml', 'a malformed tag');
  return { kind: 'start', name, attributes: attributes ?? NO_ATTRIBUTES, empty: tail[1] === '/' };
}

/** `source`: the text between `<` and `>`. */
export function parseTag(source: string): Tag {
  if (!source.startsWith('/')) return startTag(source);
  const name = END.exec(source)?.[1];
  if (name === undefined) throw new XmlError('invalid-xml', 'a malformed end tag');
  return { kind: 'end', name, attributes: NO_ATTRIBUTES, empty: false };
}
