import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RelayStatus } from '../../relay/machine/relay.ts';
import { ConfigError } from '../config.ts';
import type { Metrics } from './metrics.ts';

export interface HealthParts {
  readonly status: () => RelayStatus;
  readonly stopping: () => boolean;
  readonly metrics: Metrics;
}

/**
 * - `/healthz`: 200 while the process works at all; a restart would fix neither refused credentials nor an absent CCS.
 * - `/readyz`: 200 while messages can be sent: a connection is open and no stop was requested. Otherwise 503 with the
 * reason. With the breaker open it is 200, `degraded`: FCM is at fault, and no other worker would do better.
 * - `/metrics`: Prometheus text.
 */
export function healthServer({ status, stopping, metrics }: HealthParts): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        json(response, 200, { status: 'ok', ...summary(status()) });
        return;
      case '/readyz': {
        const reason = notReady(status(), stopping());
        const ready = status().breakerOpen ? 'degraded' : 'ready';
        json(response, reason === undefined ? 200 : 503, { status: reason ?? ready, ...summary(status()) });
        return;
      }
      case '/metrics':
        response.writeHead(200, { 'content-type': metrics.registry.contentType });
        response.end(await metrics.registry.metrics());
        return;
      default:
        json(response, 404, { status: 'not found', paths: ['/healthz', '/readyz', '/metrics'] });
    }
  };
  return createServer((request, response) => {
    request.resume();
    answer(request, response).catch(() => response.destroy());
  });
}

/** @throws ConfigError: host and port come from the environment */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new ConfigError([listenMistake(error, host, port)])));
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function listenMistake({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `PORT ${port} is already in use`;
    case 'EACCES':
      return `PORT ${port} needs more privileges than this user has`;
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST is not an address of this machine (${code})`;
    default:
      return `cannot listen on HOST ${host}, PORT ${port} (${code ?? message})`;
  }
}

function notReady({ connections, credentialsRefused }: RelayStatus, stopping: boolean): string | undefined {
  if (stopping) return 'stopping';
  if (connections.some(({ state, purpose }) => state === 'open' && purpose === 'regular')) return undefined;
  return credentialsRefused
    ? 'CCS refused our credentials: check FCM_SENDER_ID and FCM_SERVER_KEY'
    : 'no open connection to CCS';
}

const summary = ({ deliveries, connections, publishing, breakerOpen }: RelayStatus): object => ({
  connections,
  breaker: breakerOpen ? 'open: FCM asks to retry later, only probes are sent' : 'closed',
  held: Object.values(deliveries).reduce((sum, count) => sum + count, 0),
  upstream_publishing: publishing,
});

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
