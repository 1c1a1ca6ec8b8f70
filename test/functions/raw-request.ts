import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * A request written by hand, as no client library would: what comes back on the connection until it ends, or the
 * answer is whole.
 */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** The JSON of the answer. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RawRequest {
  readonly head: string;
  readonly body?: Buffer;
  readonly chunked?: boolean;
  /** Between pieces of the body. */
  readonly pauseMs?: number;
}

const PIECE_BYTES = 64 * 1024;
const GIVE_UP_MS = 20_000;

export async function rawRequest(port: number, request: RawRequest): Promise<RawAnswer> {
  const { head, body = Buffer.alloc(0), chunked = false, pauseMs = 0 } = request;
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (isWhole(text)) resolve();
    });
    socket.on('error', () => undefined).once('close', resolve);
    socket.setTimeout(GIVE_UP_MS, () => socket.destroy());
  });
  socket.write(head);
  for (let at = 0; at < body.length && !socket.destroyed && socket.writable; at += PIECE_BYTES) {
    const piece = body.subarray(at, at + PIECE_BYTES);
    const wire = chunked
      ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
      : piece;
    if (!socket.write(wire)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  if (chunked && socket.writable) socket.write('0\r\n\r\n');
  await answered;
  socket.destroy();
  const [, status = '0'] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  return { status: Number(status), text, body: jsonOf(text) };
}

const isWhole = (text: string): boolean => {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Buffer.byteLength(rest.join('\r\n\r\n')) >= Number(length);
  return /transfer-encoding: chunked/i.test(head) && text.endsWith('0\r\n\r\n');
};

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
