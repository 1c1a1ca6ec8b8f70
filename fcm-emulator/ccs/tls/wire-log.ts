import { StringDecoder } from 'node:string_decoder';
import type { WireListener } from '../../history/wire-entry.ts';
import type { Link } from '../session/link.ts';

const CLIP_LENGTH = 2_000; // of a stanza: the beginning of a 4 KB payload tells which one it is
const MAX_HELD_LENGTH = 8_192; // of an incomplete tag: the parser rejects longer ones, too
const STANZA_END = new RegExp(
  [
    String.raw`<\/(?:message|iq|presence|auth|stream:features|stream:error|failure)\s*>`,
    String.raw`<(?:\?xml|stream:stream|\/stream:stream)[^>]*>`,
    String.raw`<(?:presence|success|iq|message)(?:\s[^>]*)?\/>`,
  ].join('|'),
  'g',
);
/** Also upper case and prefixed: what we do not take for a login may still hold a key. */
const SECRET_START = /<(?:[^\s<>/:]+:)?(?:auth|response)(?=[\s>/])[^>]*>/i;
const SECRET_END = /<\/(?:[^\s<>/:]+:)?(?:auth|response)\s*>/i;
const MASK = '***';

/**
 * A human-readable log of one connection: one line per stanza, as far as that is possible without a parser, since
 * malformed XML is what one most wants to see. SASL responses hold the server key and are masked, however the bytes are
 * split.
 */
export class WireLog {
  readonly #listener: WireListener;
  readonly #decoder = new StringDecoder('utf8');
  #held = '';
  #inSecret = false;
  #ignoresInput = false;
  connection = '';

  constructor(listener: WireListener) {
    this.#listener = listener;
  }

  received(bytes: Buffer): void {
    if (this.#ignoresInput) return;
    this.#held += this.#decoder.write(bytes);
    this.#log('in', this.#masked());
  }

  sent(text: string): void {
    this.#log('out', text);
  }

  /** Takes what may be logged; an incomplete tag stays, since it may be the start of a secret. */
  #masked(): string {
    let shown = '';
    for (;;) {
      const found = (this.#inSecret ? SECRET_END : SECRET_START).exec(this.#held);
      if (found === null) break;
      const until = found.index + found[0].length;
      shown += this.#inSecret ? MASK + found[0] : this.#held.slice(0, until);
      this.#held = this.#held.slice(until);
      this.#inSecret = !this.#inSecret && !found[0].endsWith('/>');
    }
    const tag = this.#held.lastIndexOf('<');
    const whole = tag < 0 || this.#held.includes('>', tag) ? this.#held.length : tag;
    if (!this.#inSecret) shown += this.#held.slice(0, whole);
    this.#held = this.#held.slice(whole);
    if (this.#held.length <= MAX_HELD_LENGTH) return shown;
    this.#held = '';
    this.#ignoresInput = true;
    return `${shown}… a tag longer than ${MAX_HELD_LENGTH} characters: further input is not logged`;
  }

  #log(way: 'in' | 'out', text: string): void {
    let from = 0;
    for (const { index, 0: end } of text.matchAll(STANZA_END)) {
      this.#line(way, text.slice(from, index + end.length));
      from = index + end.length;
    }
    this.#line(way, text.slice(from));
  }

  #line(way: 'in' | 'out', text: string): void {
    if (text.trim() === '') return; // keepalives
    const more = text.length - CLIP_LENGTH;
    const clipped = more > 0 ? `${text.slice(0, CLIP_LENGTH)}… ${more} more` : text;
    this.#listener({ connection: this.connection, way, text: clipped });
  }
}

/** Logs what is sent through the link. */
export function logged(link: Link, log: WireLog): Link {
  return {
    send(text) {
      log.sent(text);
      link.send(text);
    },
    end: () => link.end(),
    reset: () => link.reset(),
    freeze: () => link.freeze(),
  };
}
