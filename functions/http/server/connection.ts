import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * What an answered request may still send us, without a right and with one: many clients read an answer only when
 * they have sent their request. Cloud Run lets 32 MB in.
 */
export const DISCARD_BYTES = { stranger: 64 * 1024, caller: 32 * 1024 * 1024 } as const;
const DISCARD_MS = 5_000;
const LINGER_MS = 1_000;

interface Rest {
  readonly announcedBytes: number;
  readonly limitBytes: number;
}

/**
 * After the answer: lets the rest of a body that nobody reads pass by, until `then`. Past the limit the connection is
 * closed.
 */
export function discardRest(request: IncomingMessage, { announcedBytes, limitBytes }: Rest, then: () => void): void {
  let bytes = 0;
  const giveUp = (): void => {
    request.pause();
    closeGently(request.socket);
  };
  if (announcedBytes > limitBytes) {
    giveUp();
    return;
  }
  const timer = setTimeout(giveUp, DISCARD_MS);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limitBytes) giveUp();
  });
  request.once('end', then);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}

/** The peer gets the answer and the end first: closed at once with its bytes unread, TCP would reset the connection. */
export function closeGently(socket: Socket): void {
  if (socket.destroyed || socket.writableEnded) return;
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
