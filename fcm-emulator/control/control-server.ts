import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { parseJson } from '../json/parse-json.ts';
import { allowedHosts, rejectionOf } from './admission.ts';
import { serveEvents, type EventSource } from './event-stream.ts';
import { NotFound, type Route } from './route.ts';

const MAX_BODY_BYTES = 64 * 1_024 * 1_024; // thousands of upstream messages in one call

class BadRequest extends Error {}
class TooLarge extends Error {}

interface Matcher {
  readonly route: Route;
  readonly pattern: RegExp;
}

/** The first match serves the call: paths without a parameter come first. */
const matchersOf = (routes: readonly Route[]): readonly Matcher[] =>
  routes
    .map((route) => ({
      route,
      pattern: new RegExp(`^${route.path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '([^/]+)')}$`),
    }))
    .sort((a, b) => a.route.path.split('{').length - b.route.path.split('{').length);

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new TooLarge(`body larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return text === '' ? {} : parseJson(text);
  } catch {
    throw new BadRequest('body is not JSON');
  }
}

const STATUS: readonly (readonly [new (...args: never[]) => Error, number])[] = [
  [NotFound, 404],
  [TooLarge, 413],
  [BadRequest, 400],
  [z.ZodError, 400],
  [URIError, 400],
];
const statusOf = (error: unknown): number => STATUS.find(([kind]) => error instanceof kind)?.[1] ?? 500;
const messageOf = (error: unknown): string =>
  error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);

// Answers are data for programs: no page may read them as anything else, or load them from another site.
const ANSWER_HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

function answerWith(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, ANSWER_HEADERS).end(JSON.stringify(body));
}

/** The control API: plain HTTP without authentication, on loopback unless configured otherwise (admission.ts). */
export class ControlServer {
  readonly #matchers: readonly Matcher[];
  readonly #events: EventSource;
  readonly #server: Server;
  #hosts: ReadonlySet<string> = new Set();

  constructor(routes: readonly Route[], events: EventSource) {
    this.#matchers = matchersOf(routes);
    this.#events = events;
    this.#server = createServer((request, response) => {
      // A kept-alive connection may be closed for idleness just as the client sends its next call, and not every call
      // can be repeated.
      response.shouldKeepAlive = false;
      void this.#serve(request, response);
    });
  }

  /** Resolves to the port in use. `names`: host names it is reached by, besides its own and those of loopback. */
  listen({ port, host }: { readonly port: number; readonly host: string }, names: readonly string[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        const used = typeof address === 'object' && address !== null ? address.port : port;
        this.#hosts = allowedHosts({ host, port: used }, names);
        resolve(used);
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
    const target = request.url ?? '/';
    const rejection = rejectionOf({ target, headers: request.headers }, this.#hosts);
    if (rejection !== undefined) {
      answerWith(response, rejection.status, { error: rejection.error });
      return;
    }
    try {
      const url = new URL(`http://control${target}`);
      if (url.pathname === '/events' && request.method === 'GET') {
        serveEvents(this.#events, response);
        return;
      }
      const answer = await this.#call(request, url);
      if (answer === undefined) response.writeHead(204).end();
      else answerWith(response, 200, answer);
    } catch (error) {
      answerWith(response, statusOf(error), { error: messageOf(error) });
    }
  }

  async #call(request: IncomingMessage, url: URL): Promise<unknown> {
    for (const { route, pattern } of this.#matchers) {
      const found = route.method === request.method ? pattern.exec(url.pathname) : null;
      if (found === null) continue;
      const body = route.body === undefined ? undefined : route.body.parse(await bodyOf(request));
      return route.handle({ path: found.slice(1).map(decodeURIComponent), query: url.searchParams, body });
    }
    throw new NotFound(`${String(request.method)} ${url.pathname}`);
  }
}
