import { EventEmitter } from 'node:events';
import { xml } from '@xmpp/client';
import type { Element } from '@xmpp/client';
import type { StreamLimits } from './stream-limits.ts';
import { StreamViolation } from './stream-violation.ts';
import { XmlScanner } from './xml-scanner.ts';
import type { OpenTag } from './xml-tag.ts';

const NS_STREAM = 'http://etherx.jabber.org/streams';
const NS_CLIENT = 'jabber:client';

/** What one XML stream yields: whole first-level elements, then its end. */
export interface StreamSink {
  element(element: Element): void;
  streamEnd(): void;
}

/**
 * One XML stream (RFC 6120 §4) as elements of the library's own tree. To @xmpp/client it is a parser like its own
 * and tells it that the stream has opened (`start`); the elements go to the sink, which decides what the library sees.
 */
export class StreamParser extends EventEmitter {
  readonly #sink: StreamSink;
  readonly #scanner: XmlScanner;
  #root: Element | undefined;
  #cursor: Element | undefined;

  constructor(sink: StreamSink, limits: StreamLimits) {
    super();
    this.#sink = sink;
    this.#scanner = new XmlScanner(
      { open: (tag) => this.#open(tag), close: () => this.#close(), text: (text) => void this.#cursor?.t(text) },
      limits,
    );
  }

  /** Throws a StreamViolation when the text cannot go on an XMPP stream. */
  write(text: string): void {
    this.#scanner.write(text);
  }

  stop(): void {
    this.#scanner.stop();
  }

  #open(tag: OpenTag): void {
    const element = new xml.Element(tag.name, tag.attrs);
    if (this.#root === undefined) {
      this.#openStream(element);
    } else {
      if (this.#cursor === undefined)
        element.parent = this.#root; // not appended: the stream must not keep its stanzas
      else this.#cursor.append(element);
      this.#cursor = element;
    }
  }

  #openStream(element: Element): void {
    if (!element.is('stream', NS_STREAM) || element.attrs['xmlns'] !== NS_CLIENT) {
      throw new StreamViolation('invalid-namespace', 'not a stream of jabber:client');
    }
    this.#root = element;
    this.emit('start', element);
  }

  #close(): void {
    const closed = this.#cursor;
    if (closed === undefined) {
      this.#sink.streamEnd();
    } else if (closed.parent === this.#root) {
      this.#cursor = undefined;
      this.#sink.element(closed);
    } else {
      this.#cursor = closed.parent ?? undefined;
    }
  }
}
