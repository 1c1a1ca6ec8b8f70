import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * What an answered client may still send, unauthorized and authorized: many clients read the response only after
 * sending the whole request. Cloud Run lets 32 MB in.
 */
export const DISCARD_BYTES = { stranger: 64 * 1024, caller: 32 * 1024 * 1024 } as const;
const DISCARD_MS = 5_000;
const LINGER_MS = 1_000;

interface Rest {
  readonly announcedBytes: number;
  readonly limitBytes: number;
}

/** After the response: discards the rest of an unread body, then calls `then`. Closes the connection past the limit. */
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

/** Lets the peer read the response and the end first: closing with unread bytes makes TCP reset the connection. */
export function closeGently(socket: Socket): void {
  if (socket.destroyed || socket.writableEnded) return;
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
