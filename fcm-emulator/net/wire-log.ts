import { StringDecoder } from 'node:string_decoder';
import type { Link } from '../session/link.ts';

/** One stanza, or what there is of it, as it came (`in`) or went (`out`). */
export interface WireEntry {
  readonly connection: string;
  readonly way: 'in' | 'out';
  readonly text: string;
}

export type WireListener = (entry: WireEntry) => void;

const CLIP_LENGTH = 2_000; // of a stanza: a payload of 4 KB is known by its beginning
const MAX_HELD_LENGTH = 8_192; // of a tag that is not complete yet: the parser gives up on it then, too
const STANZA_END = new RegExp(
  [
    String.raw`<\/(?:message|iq|presence|auth|stream:features|stream:error|failure)\s*>`,
    String.raw`<(?:\?xml|stream:stream|\/stream:stream)[^>]*>`,
    String.raw`<(?:presence|success|iq|message)(?:\s[^>]*)?\/>`,
  ].join('|'),
  'g',
);
/** Upper case and prefixes too: what is no login for us may still hold a key. */
const SECRET_START = /<(?:[^\s<>/:]+:)?(?:auth|response)(?=[\s>/])[^>]*>/i;
const SECRET_END = /<\/(?:[^\s<>/:]+:)?(?:auth|response)\s*>/i;
const MASK = '***';

/**
 * What one connection says, for a person to read: a line a stanza, as far as that can be told without a parser (broken
 * XML is what one most wants to see). SASL responses hold the server key and never leave this class, wherever the
 * bytes are cut.
 */
export class WireLog {
  readonly #listener: WireListener;
  readonly #decoder = new StringDecoder('utf8');
  #held = '';
  #inSecret = false;
  #deaf = false;
  connection = '';

  constructor(listener: WireListener) {
    this.#listener = listener;
  }

  received(bytes: Buffer): void {
    if (this.#deaf) return;
    this.#held += this.#decoder.write(bytes);
    this.#say('in', this.#masked());
  }

  sent(text: string): void {
    this.#say('out', text);
  }

  /** Takes from what is held all that may be shown; an incomplete tag stays, since it may be the start of a secret. */
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
    this.#deaf = true;
    return `${shown}… a tag of more than ${MAX_HELD_LENGTH} characters: nothing more that comes in is shown`;
  }

  #say(way: 'in' | 'out', text: string): void {
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

/** The link, with what is sent through it shown to the log. */
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
