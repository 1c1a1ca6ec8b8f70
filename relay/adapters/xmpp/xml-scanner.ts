import type { StreamLimits } from './stream-limits.ts';
import { StreamViolation } from './stream-violation.ts';
import { closes, parseOpenTag } from './xml-tag.ts';
import type { OpenTag } from './xml-tag.ts';
import { unescapeXml } from './xml-text.ts';

/** Receives the pieces. Elements arrive balanced and within the limits, text only inside a stanza. */
export interface XmlSink {
  open(tag: OpenTag): void;
  close(): void;
  text(text: string): void;
}

type Mode = 'text' | 'markup' | 'tag' | 'bang' | 'cdata' | 'declaration';

const LT = 60,
  GT = 62,
  BANG = 33,
  QUESTION = 63,
  QUOTE = 34,
  APOSTROPHE = 39;
const CDATA_START = '[CDATA[';
const CDATA_END = ']]>';
const DECLARATION =
  /^xml\s+version\s*=\s*["']1\.\d["'](?:\s+encoding\s*=\s*["']utf-8["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?$/i;
const DECLARATION_LENGTH = 256;
const REMEMBERED_LENGTH = 256; // of a tag
const NOT_SPACE = /[^ \t\r\n]/;

/**
 * Restricted XML (RFC 6120 §11.1), read as it comes in, in time linear in its length: each character is looked at once,
 * in its chunk, and the start of an unfinished piece is kept as a rope that is never searched.
 * Comments, DOCTYPE, processing instructions and entities of its own are refused when their first character shows them;
 * every limit is checked before anything is kept. Throws a StreamViolation, and must not be used after it.
 */
export class XmlScanner {
  readonly #sink: XmlSink;
  readonly #limits: StreamLimits;
  readonly #names: string[] = [];
  #mode: Mode = 'text';
  /** Nothing has come yet: an XML declaration may stand here, and nowhere else. */
  #atStart = true;
  /** The unfinished piece; while a CDATA section is open, its last two characters at most. */
  #held = '';
  #quote = 0;
  #length = 0;
  #elements = 0;
  #stopped = false;
  /** The tag last read inside a stanza: all of them have the same `gcm`, which is parsed once. */
  #inner: { readonly raw: string; readonly tag: OpenTag } | undefined;

  constructor(sink: XmlSink, limits: StreamLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Nothing is read or reported from now on, not even the rest of the present chunk. */
  stop(): void {
    this.#stopped = true;
  }

  write(chunk: string): void {
    let at = 0;
    while (at < chunk.length && !this.#stopped) at = this.#step(chunk, at);
  }

  #step(chunk: string, at: number): number {
    switch (this.#mode) {
      case 'text':
        return this.#text(chunk, at);
      case 'markup':
        return this.#markup(chunk, at);
      case 'tag':
        return this.#tag(chunk, at);
      case 'bang':
        return this.#bang(chunk, at);
      case 'cdata':
        return this.#cdata(chunk, at);
      case 'declaration':
        return this.#declaration(chunk, at);
    }
  }

  #text(chunk: string, at: number): number {
    const found = chunk.indexOf('<', at);
    const end = found < 0 ? chunk.length : found;
    if (end > at) this.#keepText(chunk, at, end);
    if (found < 0) return end;
    if (this.#held !== '') {
      this.#sink.text(unescapeXml(this.#held));
      this.#held = '';
    }
    this.#mode = 'markup';
    return found + 1;
  }

  /** Between stanzas only white space is allowed, the peer's keepalive (RFC 6120 §4.6.1). It is not kept. */
  #keepText(chunk: string, at: number, end: number): void {
    const piece = chunk.slice(at, end);
    this.#atStart = false;
    if (this.#names.length > 1) {
      this.#count(piece.length);
      this.#held += piece;
    } else if (NOT_SPACE.test(piece)) {
      throw new StreamViolation('not-well-formed', 'text outside a stanza');
    }
  }

  /** The character after `<` says what it is. */
  #markup(chunk: string, at: number): number {
    const code = chunk.charCodeAt(at);
    const atStart = this.#atStart;
    this.#atStart = false;
    if (code === QUESTION) {
      if (!atStart) throw new StreamViolation('restricted-xml', 'a processing instruction');
      this.#mode = 'declaration';
      return at + 1;
    }
    this.#quote = 0;
    this.#mode = code === BANG ? 'bang' : 'tag';
    return code === BANG ? at + 1 : at;
  }

  #tag(chunk: string, at: number): number {
    let quote = this.#quote;
    for (let i = at; i < chunk.length; i++) {
      const code = chunk.charCodeAt(i);
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === GT) {
        this.#count(i - at + 2);
        const raw = this.#held === '' ? chunk.slice(at, i) : this.#held + chunk.slice(at, i);
        this.#held = '';
        this.#mode = 'text';
        this.#element(raw);
        return i + 1;
      } else if (code === QUOTE || code === APOSTROPHE) {
        quote = code;
      } else if (code === LT) {
        throw new StreamViolation('not-well-formed', '"<" within a tag');
      }
    }
    this.#quote = quote;
    this.#count(chunk.length - at);
    this.#held += chunk.slice(at);
    return chunk.length;
  }

  #element(raw: string): void {
    if (raw.startsWith('/')) {
      const name = this.#names.at(-1);
      if (name === undefined || !closes(raw, name))
        throw new StreamViolation('not-well-formed', 'an end tag that closes nothing');
      this.#close();
      return;
    }
    const tag = this.#openTag(raw);
    if (this.#names.length > this.#limits.depth)
      throw new StreamViolation('policy-violation', `deeper than ${this.#limits.depth} elements`);
    if (++this.#elements > this.#limits.elements)
      throw new StreamViolation('policy-violation', `more than ${this.#limits.elements} elements`);
    this.#names.push(tag.name);
    if (this.#names.length === 1) this.#startStanza();
    this.#sink.open(tag);
    if (tag.selfClosing) this.#close();
  }

  #openTag(raw: string): OpenTag {
    if (this.#names.length < 2 || raw.length > REMEMBERED_LENGTH) return parseOpenTag(raw);
    let inner = this.#inner;
    if (inner?.raw !== raw) {
      const copy = Buffer.from(raw).toString(); // a part of the chunk would keep all of it
      this.#inner = inner = { raw: copy, tag: parseOpenTag(copy) };
    }
    return inner.tag;
  }

  #close(): void {
    this.#names.pop();
    if (this.#names.length === 1) this.#startStanza();
    else if (this.#names.length === 0) this.stop();
    this.#sink.close();
  }

  #startStanza(): void {
    this.#length = 0;
    this.#elements = 0;
  }

  /** Only a CDATA section may start with `<!`, and only inside a stanza. */
  #bang(chunk: string, at: number): number {
    const expected = CDATA_START.charAt(this.#held.length);
    if (chunk.charAt(at) !== expected || this.#names.length < 2)
      throw new StreamViolation('restricted-xml', 'a comment, a DOCTYPE or a CDATA section outside a stanza');
    this.#held += expected;
    if (this.#held === CDATA_START) {
      this.#held = '';
      this.#mode = 'cdata';
    }
    return at + 1;
  }

  #cdata(chunk: string, at: number): number {
    const before = this.#held.length;
    const text = this.#held + chunk.slice(at);
    const found = text.indexOf(CDATA_END);
    const read = found < 0 ? text.length : found + CDATA_END.length;
    const end = found < 0 ? Math.max(0, text.length - CDATA_END.length + 1) : found;
    this.#count(read - before);
    if (end > 0) this.#sink.text(text.slice(0, end));
    this.#held = found < 0 ? text.slice(end) : '';
    if (found >= 0) this.#mode = 'text';
    return at + read - before;
  }

  #declaration(chunk: string, at: number): number {
    const found = chunk.indexOf('>', at);
    this.#held += chunk.slice(at, found < 0 ? chunk.length : found);
    if (this.#held.length > DECLARATION_LENGTH) throw new StreamViolation('restricted-xml', 'a processing instruction');
    if (found < 0) return chunk.length;
    if (!DECLARATION.test(this.#held))
      throw new StreamViolation('unsupported-encoding', 'an XML declaration that is not for XML 1 in UTF-8');
    this.#held = '';
    this.#mode = 'text';
    return found + 1;
  }

  #count(length: number): void {
    this.#length += length;
    if (this.#length > this.#limits.stanzaLength) {
      throw new StreamViolation('policy-violation', `a stanza is longer than ${this.#limits.stanzaLength} characters`);
    }
  }
}
