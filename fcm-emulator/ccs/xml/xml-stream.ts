import type { Element } from './element.ts';
import { elementOf, scopeOf, XML_SCOPE, type Scope } from './namespaces.ts';
import { parseTag, unescape, type Tag } from './tags.ts';
import { XmlError } from './xml-error.ts';

export interface XmlHandler {
  opened(root: Element): void;
  stanza(element: Element): void;
  closed(): void;
}

export interface XmlLimits {
  readonly maxStanzaLength: number; // UTF-16 units
  readonly maxDepth: number;
}

const MAX_TAG_LENGTH = 8_192; // a complete tag is scanned again from its start: keep it small
const MAX_REFERENCE_LENGTH = 10; // "&#x10FFFF;"
const CDATA = '<![CDATA[';
const WHITESPACE = /^[ \t\r\n]*$/;

/**
 * An incremental, strict XML parser for one XMPP stream: the document's root is the stream, each of its children a
 * stanza.
 *
 * Text is consumed as it arrives and never scanned twice, so a stanza in 1-byte pieces costs no more than in one. A tag
 * is held until its `>`; the scan position and the open quote are kept between pieces. Rejected, with the condition of
 * RFC 6120 §11: DOCTYPE, comments, processing instructions other than the XML declaration, entities other than the
 * predefined five, undeclared prefixes, text between stanzas, stanzas too long or too deep. After an error nothing more
 * may be written.
 */
export class XmlStream {
  readonly #limits: XmlLimits;
  readonly #handler: XmlHandler;
  #buffer = '';
  #at = 0;
  #scanned = 0; // how far the tag at #at has been scanned for its `>`
  #quote = '';
  #inCdata = false;
  #open: { readonly element: Element; readonly scope: Scope }[] = [];
  #stanzaLength = 0;
  #prologAllowed = true;

  constructor(limits: XmlLimits, handler: XmlHandler) {
    this.#limits = limits;
    this.#handler = handler;
  }

  /** After SASL success the client opens a new stream: what follows is a new document. */
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

  /** Consumes one token; false when it is still incomplete. */
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

  /** The index of the first `>` outside quotes, which ends the tag at #at. */
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

  /** Character data, still escaped. */
  #text(source: string): void {
    const current = this.#open.at(-1);
    if (current === undefined || this.#open.length === 1) {
      if (!WHITESPACE.test(source)) throw new XmlError('invalid-xml', 'text outside a stanza');
      return; // a keepalive, or the line ends that some clients send before a header (protocol §1)
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
      throw new XmlError('restricted-xml', 'a comment, a DOCTYPE, or CDATA outside a stanza');
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
      throw new XmlError('restricted-xml', 'a processing instruction, or an XML declaration after the start');
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
    if (this.#open.length >= maxDepth)
      throw new XmlError('policy-violation', `elements nested more than ${maxDepth} deep`);
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
    if (current?.element.name !== name) throw new XmlError('invalid-xml', `unexpected end tag </${name}>`);
    if (this.#open.length === 0) this.#handler.closed();
    if (this.#open.length !== 1) return;
    this.#stanzaLength = 0;
    this.#open[0]?.element.elements.pop(); // else the root would keep every stanza
    this.#handler.stanza(current.element);
  }
}

const tooLong = (what: string, limit: number): XmlError =>
  new XmlError('policy-violation', `${what} longer than ${limit} characters`);
