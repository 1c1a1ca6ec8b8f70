import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Random } from '../../time/random.ts';
import type { Link } from '../session/link.ts';

export interface Chunk {
  readonly min: number;
  readonly max: number;
}

/** Back-pressure: above this we stop reading from a client that does not read. It bounds what a slow reader costs. */
const HIGH_WATER_BYTES = 1_048_576;
const LINGER_MS = 2_000; // how long the client may take to close its side

/** A session's link over TLS. Chunks are written one after the other, so each is a TLS record of its own. */
export class SocketLink implements Link {
  readonly #tls: TLSSocket;
  readonly #tcp: Socket;
  readonly #random: Random;
  readonly #chunkSetting: () => Chunk | null;
  #ownChunk: Chunk | null | undefined;
  #pieces: Buffer[] = [];
  #writing = false;
  #ending = false;
  #frozen = false;

  constructor(
    tls: TLSSocket,
    tcp: Socket,
    chunking: { readonly random: Random; readonly setting: () => Chunk | null },
  ) {
    this.#tls = tls;
    this.#tcp = tcp;
    this.#random = chunking.random;
    this.#chunkSetting = chunking.setting;
    tls.on('drain', () => {
      if (!this.#frozen) tls.resume();
    });
  }

  /** Overrides the setting on this connection. null: do not chunk; undefined: back to the setting. */
  chunk(chunk: Chunk | null | undefined): void {
    this.#ownChunk = chunk;
  }

  send(text: string): void {
    if (this.#frozen || !this.#tls.writable) return;
    const chunk = this.#ownChunk === undefined ? this.#chunkSetting() : this.#ownChunk;
    if (chunk !== null || this.#writing) this.#cut(Buffer.from(text), chunk);
    else this.#tls.write(text);
    if (this.#tls.writableLength > HIGH_WATER_BYTES) this.#tls.pause();
  }

  end(): void {
    if (this.#frozen) return void this.#tls.destroy();
    this.#ending = true;
    if (!this.#writing) this.#end();
  }

  reset(): void {
    this.#pieces = [];
    this.#tcp.resetAndDestroy();
    this.#tls.destroy();
  }

  freeze(): void {
    this.#frozen = true;
    this.#tls.pause();
  }

  #end(): void {
    this.#tls.end();
    this.#tls.setTimeout(LINGER_MS, () => this.#tls.destroy());
  }

  #cut(bytes: Buffer, chunk: Chunk | null): void {
    for (let at = 0; at < bytes.length;) {
      const length = chunk === null ? bytes.length : this.#random.integer(chunk.min, chunk.max);
      this.#pieces.push(bytes.subarray(at, at + length));
      at += length;
    }
    if (!this.#writing) this.#next(0);
  }

  #next(at: number): void {
    const piece = this.#frozen ? undefined : this.#pieces[at];
    this.#writing = piece !== undefined;
    if (piece !== undefined) {
      this.#tls.write(piece, () => this.#next(at + 1));
      return;
    }
    this.#pieces = [];
    if (this.#ending) this.#end();
  }
}
