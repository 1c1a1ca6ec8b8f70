import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { HOST } from './ports.ts';

/**
 * Stands between the processes that are killed and an emulator, and passes every byte on.
 * - A process that is killed with bytes unread leaves a TCP reset behind; the Pub/Sub emulator (0.8.20:
 *   "exceptionCaught … reached at the tail of
 * the pipeline") drops that connection at its front and keeps its streams behind, which it then leases messages to for
 *   ever. Here a reset
 *   becomes an orderly end, which it understands.
 * - The emulators keep everything in memory and cannot be stopped and started again. Who speaks to one through here
 *   sees just that when it is
 *   cut: every connection reset, new ones refused, until it is mended; and finds all that was stored before.
 */
export interface TcpRelay {
  /** `host:port` */
  readonly address: string;
  /** Resolves when every connection is gone. */
  cut(): Promise<void>;
  /** Resolves when new ones are taken. @throws Error when the port is somebody else's for good */
  mend(): Promise<void>;
  close(): void;
}

export async function startTcpRelay(targetPort: number): Promise<TcpRelay> {
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
      from.on('error', () => to.end()); // a reset, from whichever side
      from.on('close', () => {
        to.end();
        to.resume(); // or it would never see its own end
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
      for (const client of clients) client.resetAndDestroy(); // its target is ended in order
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

/** Meanwhile some outgoing connection of this machine may have been given the port for its own end. */
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
