import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { HOST } from '../ports.ts';

/**
 * A TCP proxy between the processes that a test kills and an emulator.
 *
 * - A process that is killed with unread bytes resets its connection. The Pub/Sub emulator (0.8.20: "exceptionCaught …
 *   reached at the tail of the pipeline") then drops the connection at its front end, keeps the streams behind it, and
 *   leases messages to them for ever. The proxy turns a reset into an orderly end, which the emulator understands.
 * - The emulators keep everything in memory, so they cannot be restarted. To a client, a cut of the proxy looks like a
 *   restart: every connection is reset, and new ones are refused until it is mended. What was stored is still there.
 */
export interface TcpProxy {
  /** `host:port` */
  readonly address: string;
  /** Resolves when every connection is gone. */
  cut(): Promise<void>;
  /** Resolves when it accepts connections again. @throws Error when another process has taken the port */
  mend(): Promise<void>;
  close(): void;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    const target = connect({ port: targetPort, host: HOST, allowHalfOpen: true });
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.end()); // a reset, from either side
      from.on('close', () => {
        to.end();
        to.resume(); // or it would never see its own 'end'
        sockets.delete(from);
      });
    }
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `${HOST}:${port}`,
    cut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const client of clients) client.resetAndDestroy(); // the connection behind it ends in order
      await closed;
    },
    mend: () => listenAgain(server, port),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const TRIES = 50;
const TRY_AGAIN_MS = 100;

/** Meanwhile an outgoing connection of this machine may have been given the port. */
async function listenAgain(server: Server, port: number): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    server.listen(port, HOST);
    try {
      await once(server, 'listening');
      return;
    } catch (error) {
      if (left === 1 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
    await wait(TRY_AGAIN_MS);
  }
}
