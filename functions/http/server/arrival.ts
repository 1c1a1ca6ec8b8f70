import { subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Before it calls a function, the platform (functions-framework in production, the Firebase emulator locally) routes
 * the request with Express, then inflates and parses its body, up to 1 GB of it from anyone, and answers what it cannot
 * read with an HTML page. `api` does all of that itself, and authorizes before it reads.
 * So the platform is shown a request for `/` without a body, which it passes on untouched; the original is kept here.
 * Body parsers ask type-is whether there is a body, which looks at these headers; Node goes by the wire. Node announces
 * each request before any handler sees it:
 * https://nodejs.org/api/diagnostics_channel.html#event-httpserverrequeststart
 */
export interface Arrival {
  /** Path and query as received. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** HTTP/1.1 requires a 400 then (RFC 9112 §3.2); Node's own has no body. */
  readonly lacksHost?: true;
}

const HIDDEN = ['content-length', 'transfer-encoding', 'content-encoding', 'content-type', 'expect'] as const;

const arrivals = new WeakMap<IncomingMessage, Arrival>();
const latest = new WeakMap<Socket, Exchange>();

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Call once a process. */
export function keepPlatformAway(env: NodeJS.ProcessEnv = process.env): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as Exchange;
    if (!isForApi(env, request)) return;
    latest.set(request.socket, { request, response });
    const lacksHost = request.httpVersion === '1.1' && request.headers.host === undefined;
    arrivals.set(request, { url: request.url ?? '', headers: { ...request.headers }, ...(lacksHost && { lacksHost }) });
    request.url = '/';
    for (const name of HIDDEN) Reflect.deleteProperty(request.headers, name);
    request.headers.host ??= '';
  });
}

/**
 * Whether this process serves `api`, alone as in production or with the other functions as on a developer's machine.
 */
export const servesApi = (env: NodeJS.ProcessEnv): boolean => (env['FUNCTION_TARGET'] ?? 'api') === 'api';

/**
 * The framework always sets FUNCTION_TARGET. Events only have to be told apart where one process serves all functions.
 */
function isForApi(env: NodeJS.ProcessEnv, { url, headers }: IncomingMessage): boolean {
  if (!servesApi(env)) return false;
  if (env['FUNCTIONS_EMULATOR'] === 'true' && url === '/__/health') return false; // the Firebase CLI's readiness probe
  return env['FUNCTION_TARGET'] !== undefined || !isEvent(headers);
}

const isEvent = (headers: IncomingHttpHeaders): boolean =>
  headers['ce-id'] !== undefined || headers['content-type']?.startsWith('application/cloudevents') === true;

/** The original request, or the platform's if it was not bypassed. */
export const arrivalOf = (request: IncomingMessage): Arrival =>
  arrivals.get(request) ?? { url: request.url ?? '', headers: request.headers };

/** The latest request on a connection. */
export const latestOn = (socket: Socket): Exchange | undefined => latest.get(socket);
