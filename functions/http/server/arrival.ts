import { subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Before a function is called, the platform (functions-framework in production, the Firebase emulator at home) routes
 * the request with Express, then inflates and parses its body, up to 1 GB of it, whoever sent it; what it cannot read
 * it answers itself, with an HTML page. `api` decides all of that itself, and authorizes before it reads. So the
 * platform is shown a request for `/` without a body, which it passes on untouched, and what really arrived is kept
 * here. Every body-parser asks type-is whether there is a body, which looks at these headers; Node goes by the wire
 * and does not. Node announces each request before any handler sees it:
 * https://nodejs.org/api/diagnostics_channel.html#event-httpserverrequeststart
 */
export interface Arrival {
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** HTTP/1.1 asks for a 400 then (RFC 9112 §3.2); Node's own is empty. */
  readonly lacksHost?: true;
}

const HIDDEN = ['content-length', 'transfer-encoding', 'content-encoding', 'content-type', 'expect'] as const;

const arrivals = new WeakMap<IncomingMessage, Arrival>();
const latest = new WeakMap<Socket, Exchange>();

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Once a process. */
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
 * Whether a process serves the function `api`, alone as in production or with the others as on a developer's machine.
 */
export const servesApi = (env: NodeJS.ProcessEnv): boolean => (env['FUNCTION_TARGET'] ?? 'api') === 'api';

/**
 * The framework always sets FUNCTION_TARGET. Only where one process serves all functions do events have to be told
 * apart.
 */
function isForApi(env: NodeJS.ProcessEnv, { url, headers }: IncomingMessage): boolean {
  if (!servesApi(env)) return false;
  if (env['FUNCTIONS_EMULATOR'] === 'true' && url === '/__/health') return false; // the Firebase CLI waits for this
  return env['FUNCTION_TARGET'] !== undefined || !isEvent(headers);
}

const isEvent = (headers: IncomingHttpHeaders): boolean =>
  headers['ce-id'] !== undefined || headers['content-type']?.startsWith('application/cloudevents') === true;

/** What arrived, or what the platform shows where it was not kept away. */
export const arrivalOf = (request: IncomingMessage): Arrival =>
  arrivals.get(request) ?? { url: request.url ?? '', headers: request.headers };

/** The last request that came in on a connection. */
export const latestOn = (socket: Socket): Exchange | undefined => latest.get(socket);
