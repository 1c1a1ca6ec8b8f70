import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Ccs } from '../ccs/ccs.ts';
import type { TlsServer } from '../net/tls-server.ts';
import { parseJson } from '../wire/exact-data.ts';
import { serveEvents } from './event-stream.ts';
import { NotFound, type ControlHost, type Route } from './route.ts';
import { ROUTES } from './routes.ts';

const MAX_BODY_BYTES = 64 * 1_024 * 1_024; // thousands of upstream messages in one call

class BadRequest extends Error {}

interface Matcher {
  readonly route: Route;
  readonly pattern: RegExp;
}

// The first that matches serves: those without a parameter come first.
const MATCHERS: readonly Matcher[] = ROUTES
  .map((route) => ({ route, pattern: new RegExp(`^${route.path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '([^/]+)')}$`) }))
  .sort((a, b) => a.route.path.split('{').length - b.route.path.split('{').length);

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new BadRequest('body too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return text === '' ? {} : parseJson(text);
  } catch {
    throw new BadRequest('the body is not JSON');
  }
}

const statusOf = (error: unknown): number => (error instanceof NotFound ? 404 : error instanceof BadRequest || error instanceof z.ZodError || error instanceof URIError ? 400 : 500);
const wording = (error: unknown): string => (error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error));

/** The remote control over HTTP. Plain and open: it listens on loopback unless told otherwise. */
export class ControlServer {
  readonly #host: ControlHost;
  readonly #server: Server;

  constructor(ccs: Ccs, tls: TlsServer, defaultSender: string) {
    this.#host = { ccs, tls, defaultSender };
    this.#server = createServer((request, response) => {
      // A client's next call must not meet a connection that is just being closed for having been idle: a call cannot always be repeated.
      response.shouldKeepAlive = false;
      void this.#serve(request, response);
    });
  }

  /** Resolves to the port in use. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://control');
      if (url.pathname === '/events' && request.method === 'GET') {
        serveEvents(this.#host.ccs.events, response);
        return;
      }
      const answer = await this.#call(request, url);
      if (answer === undefined) response.writeHead(204).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(statusOf(error), { 'content-type': 'application/json' }).end(JSON.stringify({ error: wording(error) }));
    }
  }

  async #call(request: IncomingMessage, url: URL): Promise<unknown> {
    for (const { route, pattern } of MATCHERS) {
      const found = route.method === request.method ? pattern.exec(url.pathname) : null;
      if (found === null) continue;
      const body = route.body === undefined ? undefined : route.body.parse(await bodyOf(request));
      return route.handle(this.#host, { path: found.slice(1).map(decodeURIComponent), query: url.searchParams, body });
    }
    throw new NotFound(`${String(request.method)} ${url.pathname}`);
  }
}
