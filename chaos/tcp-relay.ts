import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { HOST } from '../local/ports.ts';

/**
 * Stands between the processes that are killed and the Pub/Sub emulator, and passes every byte on. A process that is killed with bytes unread
 * leaves a TCP reset behind; the emulator (0.8.20: "exceptionCaught … reached at the tail of the pipeline") drops that connection at its front
 * and keeps its streams behind, which it then leases messages to for ever. Here a reset becomes an orderly end, which it understands.
 */
export interface TcpRelay {
  /** `host:port` */
  readonly address: string;
  close(): void;
}

export async function startTcpRelay(targetPort: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ port: targetPort, host: HOST, allowHalfOpen: true });
    for (const [from, to] of [[client, target], [target, client]] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.end()); // a reset, from whichever side
      from.on('close', () => {
        to.end();
        sockets.delete(from);
      });
    }
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    address: `${HOST}:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
