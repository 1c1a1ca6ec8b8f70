import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** A complete body, or why there is none. */
export type Received =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: 'tooLarge' | 'late' | 'unknownEncoding' | 'badEncoding' | 'cutOff' };

export interface BodyLimits {
  /** Limits both the bytes received and the bytes they inflate to. */
  readonly bytes: number;
  /** For the whole body. */
  readonly ms: number;
}

/** Content-Encoding → decoder (RFC 9110 §8.4.1). One at most: nested encodings only serve to exhaust memory. */
const DECODERS: ReadonlyMap<string, () => Transform | undefined> = new Map<string, () => Transform | undefined>([
  ['', () => undefined],
  ['identity', () => undefined],
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);
export const ENCODINGS = 'gzip, deflate, br';

/** Reads the body in chunks; stops and discards everything at the first limit. Never rejects. */
export function receive(request: IncomingMessage, encoding: string, limits: BodyLimits): Promise<Received> {
  const decoderOf = DECODERS.get(encoding.trim().toLowerCase());
  if (decoderOf === undefined) return Promise.resolve({ ok: false, why: 'unknownEncoding' });
  if (request.destroyed) return Promise.resolve({ ok: false, why: 'cutOff' });
  return new Promise((resolve) => {
    const decoder = decoderOf();
    const timer = setTimeout(() => end({ ok: false, why: 'late' }), limits.ms);
    const collected = new Collected(limits.bytes, () => end({ ok: false, why: 'tooLarge' }));
    let ended = false;
    const end = (received: Received): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      collected.close();
      if (decoder !== undefined) request.unpipe(decoder);
      decoder?.destroy();
      resolve(received);
    };
    request.on('data', (chunk: Buffer) => collected.arrived(chunk.length));
    for (const name of ['aborted', 'error', 'close']) {
      request.once(name, () => {
        if (!request.complete) end({ ok: false, why: 'cutOff' }); // if complete, the decoder may still be busy
      });
    }
    decoder?.on('error', () => end({ ok: false, why: 'badEncoding' }));
    const source = decoder === undefined ? request : request.pipe(decoder);
    source.on('data', (chunk: Buffer) => collected.add(chunk));
    source.once('end', () => end({ ok: true, bytes: collected.bytes() }));
  });
}

/** Bounds what arrives and what it inflates to. */
class Collected {
  readonly #chunks: Buffer[] = [];
  readonly #limitBytes: number;
  readonly #tooLarge: () => void;
  #arrivedBytes = 0;
  #inflatedBytes = 0;
  #open = true;

  constructor(limitBytes: number, tooLarge: () => void) {
    this.#limitBytes = limitBytes;
    this.#tooLarge = tooLarge;
  }

  arrived(bytes: number): void {
    this.#arrivedBytes += bytes;
    if (this.#open && this.#arrivedBytes > this.#limitBytes) this.#tooLarge();
  }

  add(chunk: Buffer): void {
    this.#inflatedBytes += chunk.length;
    if (!this.#open) return;
    if (this.#inflatedBytes > this.#limitBytes) this.#tooLarge();
    else this.#chunks.push(chunk);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  close(): void {
    this.#open = false;
    this.#chunks.length = 0;
  }
}
