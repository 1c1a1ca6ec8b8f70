import type { Element } from './element.ts';
import { parseTag, unescape, type Tag } from './tags.ts';
import { XmlError } from './xml-error.ts';

/**
 * An incremental, strict XML parser for one XMPP stream: the document's root is the stream, each child of it a stanza.
 *
 * Text is consumed as it comes and never scanned twice, so a stanza in 1-byte pieces costs no more than in one; a tag
 * is held until its `>`, with the scan position and quote kept between pieces. Refused, with the condition of RFC 6120
 * §11: DOCTYPE, comments, processing instructions but the XML declaration, entities but the five, undeclared prefixes,
 * text between stanzas, stanzas too long or too deep. After an error nothing more may be written.
 */
export interface XmlHandler {
  opened(root: Element): void;
  stanza(element: Element): void;
  closed(): void;
}

export interface XmlLimits {
  readonly maxStanzaLength: number; // UTF-16 units
  readonly maxDepth: number;
}

interface Scope {
  readonly prefixes: Readonly<Record<string, string>>;
  readonly outer: Scope | undefined;
}

const XML_SCOPE: Scope = { prefixes: { xml: 'http://www.w3.org/XML/1998/namespace' }, outer: undefined };
const MAX_TAG_LENGTH = 8_192; // a tag is rescanned from its start when it closes: keep it small
const MAX_REFERENCE_LENGTH = 10; // "&#x10FFFF;"
const CDATA = '<![CDATA[';
const WHITESPACE = /^[ \t\r\n]*$/;

export class XmlStream {
  readonly #limits: XmlLimits;
  readonly #handler: XmlHandler;
  #buffer = '';
  #at = 0;
  #scanned = 0; // how far the tag that starts at #at has been looked through
  #quote = '';
  #inCdata = false;
  #open: { readonly element: Element; readonly scope: Scope }[] = [];
  #stanzaLength = 0;
  #prologAllowed = true;

  constructor(limits: XmlLimits, handler: XmlHandler) {
    this.#limits = limits;
    this.#handler = handler;
  }

  /** The peer will open the stream anew (after SASL success): what follows is a new document. */
  restart(): void {
    this.#open = [];
    this.#stanzaLength = 0;
    this.#prologAllowed = true;
  }

  write(text: string): void {
    this.#buffer = this.#at === this.#buffer.length ? text : this.#buffer.slice(this.#at) + text;
    this.#scanned -= Math.min(this.#scanned, this.#at);
    this.#at = 0;
    while (this.#at < this.#buffer.length && this.#step());
  }

  /** One token; false when it is not complete yet. */
  #step(): boolean {
    if (this.#inCdata) return this.#cdata();
    if (this.#buffer.charCodeAt(this.#at) !== 0x3c) return this.#characters();
    const next = this.#buffer.charCodeAt(this.#at + 1);
    if (Number.isNaN(next)) return false;
    if (next === 0x21) return this.#declaration();
    if (next === 0x3f) return this.#instruction();
    const end = this.#tagEnd();
    if (end < 0) return false;
    const tag = parseTag(this.#buffer.slice(this.#at + 1, end));
    this.#spend(end + 1 - this.#at);
    this.#at = end + 1;
    this.#tag(tag);
    return true;
  }

  /** The index of the `>` that ends the tag at #at: one outside quotes. */
  #tagEnd(): number {
    for (let at = Math.max(this.#scanned, this.#at + 1); at < this.#buffer.length; at += 1) {
      const char = this.#buffer.charAt(at);
      if (this.#quote !== '') {
        if (char === this.#quote) this.#quote = '';
      } else if (char === '>') {
        this.#scanned = 0;
        return at;
      } else if (char === '"' || char === "'") this.#quote = char;
    }
    this.#scanned = this.#buffer.length;
    if (this.#scanned - this.#at > MAX_TAG_LENGTH) throw tooLong('a tag', MAX_TAG_LENGTH);
    return -1;
  }

  #characters(): boolean {
    const markup = this.#buffer.indexOf('<', this.#at);
    let end = markup < 0 ? this.#buffer.length : markup;
    if (markup < 0) {
      const reference = this.#buffer.lastIndexOf('&');
      const cut = reference >= this.#at && !this.#buffer.includes(';', reference);
      if (cut && end - reference <= MAX_REFERENCE_LENGTH) end = reference;
      const last = this.#buffer.charCodeAt(end - 1);
      if (last >= 0xd800 && last <= 0xdbff) end -= 1;
    }
    if (end <= this.#at) return false;
    this.#text(this.#buffer.slice(this.#at, end));
    this.#at = end;
    return true;
  }

  /** Character data as it stands in the document. */
  #text(source: string): void {
    const current = this.#open.at(-1);
    if (current === undefined || this.#open.length === 1) {
      if (!WHITESPACE.test(source)) throw new XmlError('invalid-xml', 'text outside of a stanza');
      return; // between stanzas a keepalive, before a header what clients end their last line with (protocol §1)
    }
    this.#spend(source.length);
    current.element.text += unescape(source);
  }

  #cdata(): boolean {
    const end = this.#buffer.indexOf(']]>', this.#at);
    const until = end < 0 ? Math.max(this.#at, this.#buffer.length - 2) : end;
    const text = this.#buffer.slice(this.#at, until);
    if (text !== '') this.#text(text.replaceAll('&', '&amp;'));
    this.#at = end < 0 ? until : end + 3;
    this.#inCdata = end < 0;
    return end >= 0;
  }

  #declaration(): boolean {
    const start = this.#buffer.slice(this.#at, this.#at + CDATA.length);
    if (!CDATA.startsWith(start) || this.#open.length < 2) {
      throw new XmlError('restricted-xml', 'a comment or DOCTYPE, or CDATA outside of a stanza');
    }
    if (start !== CDATA) return false;
    this.#spend(CDATA.length);
    this.#at += CDATA.length;
    this.#inCdata = true;
    return true;
  }

  #instruction(): boolean {
    const end = this.#buffer.indexOf('?>', this.#at);
    const head = this.#buffer.slice(this.#at, this.#at + 6);
    const declares = '<?xml '.startsWith(head) || /^<\?xml[ \t\r\n]/.test(head);
    if (!this.#prologAllowed || !declares) {
      throw new XmlError('restricted-xml', 'a processing instruction, or an XML declaration that does not come first');
    }
    if (end < 0 && this.#buffer.length - this.#at > MAX_TAG_LENGTH) throw tooLong('a declaration', MAX_TAG_LENGTH);
    if (end < 0) return false;
    this.#prologAllowed = false;
    this.#at = end + 2;
    return true;
  }

  #spend(length: number): void {
    this.#stanzaLength += length;
    const { maxStanzaLength } = this.#limits;
    if (this.#stanzaLength > maxStanzaLength) throw tooLong('a stanza', maxStanzaLength);
  }

  #tag(tag: Tag): void {
    if (tag.kind === 'end') return this.#close(tag.name);
    this.#prologAllowed = false;
    const scope = scopeOf(tag, this.#open.at(-1)?.scope ?? XML_SCOPE);
    const element = elementOf(tag, scope);
    const { maxDepth } = this.#limits;
    if (this.#open.length >= maxDepth) throw new XmlError('policy-violation', `more than ${maxDepth} elements deep`);
    this.#open.at(-1)?.element.elements.push(element);
    this.#open.push({ element, scope });
    if (this.#open.length === 1) {
      this.#stanzaLength = 0;
      this.#handler.opened(element);
    }
    if (tag.empty) this.#close(tag.name);
  }

  #close(name: string): void {
    const current = this.#open.pop();
    if (current?.element.name !== name) throw new XmlError('invalid-xml', `</${name}> closes nothing`);
    if (this.#open.length === 0) this.#handler.closed();
    if (this.#open.length !== 1) return;
    this.#stanzaLength = 0;
    this.#open[0]?.element.elements.pop(); // the root would keep every stanza for ever
    this.#handler.stanza(current.element);
  }
}

const tooLong = (what: string, limit: number): XmlError =>
  new XmlError('policy-violation', `${what} of more than ${limit} characters`);

function scopeOf(tag: Tag, outer: Scope): Scope {
  let prefixes: Record<string, string> | undefined;
  for (const key in tag.attributes) {
    if (key !== 'xmlns' && !key.startsWith('xmlns:')) continue;
    prefixes ??= {};
    prefixes[key.slice('xmlns:'.length)] = tag.attributes[key] ?? '';
  }
  return prefixes === undefined ? outer : { prefixes, outer };
}

function resolve(prefix: string, scope: Scope): string {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const found = Object.hasOwn(at.prefixes, prefix) ? at.prefixes[prefix] : undefined;
    if (found !== undefined) return found;
  }
  if (prefix === '') return '';
  throw new XmlError('bad-namespace-prefix', `the prefix ${prefix} is not declared`);
}

function elementOf({ name, attributes }: Tag, scope: Scope): Element {
  const colon = name.indexOf(':');
  const local = colon < 0 ? name : name.slice(colon + 1);
  const namespace = resolve(colon < 0 ? '' : name.slice(0, colon), scope);
  for (const key in attributes) {
    const at = key.indexOf(':');
    if (at > 0 && !key.startsWith('xmlns:')) resolve(key.slice(0, at), scope);
  }
  return { name, local, namespace, attributes, elements: [], text: '' };
}
