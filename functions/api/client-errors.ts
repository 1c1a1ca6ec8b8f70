import { subscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import { Socket } from 'node:net';
import { logRequest } from '../log.ts';
import { latestOn, servesApi } from './arrival.ts';
import { closeGently } from './connection.ts';
import { problem, type Problem } from './problem.ts';

/**
 * What is no HTTP request, or too much of one, Node refuses before there is a request, with an empty answer. Here it
 * gets a problem and a log line like everything else: https://nodejs.org/api/http.html#event-clienterror
 */
export function answerClientErrors(env: NodeJS.ProcessEnv = process.env): void {
  if (!servesApi(env)) return;
  subscribe('tracing:net.server.listen:asyncStart', (message) => {
    const { server } = message as { readonly server: unknown };
    if (!(server instanceof Server)) return;
    server.on('clientError', (error, socket) => {
      if (socket instanceof Socket) refuseConnection(error, socket);
    });
  });
}

const PROBLEMS: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: problem('headers-too-large', 'The path and headers of the request are too long.'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: problem('body-too-large', 'The chunk extensions of the body are too long.'),
  ERR_HTTP_REQUEST_TIMEOUT: problem('request-timeout', 'The request took too long to arrive.'),
};
const MALFORMED = problem('malformed-request', 'This is not a valid HTTP/1.1 request.');

const GONE = new Set(['ECONNRESET', 'EPIPE']);

function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  const code = error.code ?? 'unknown';
  if (!GONE.has(code) && socket.writable && !isAnswered(socket)) {
    const refusal = PROBLEMS[code] ?? MALFORMED;
    socket.write(rawAnswer(refusal));
    const facts = { problem: refusal.type, cause: code };
    logRequest({ method: 'unknown', route: 'none', status: refusal.status, ms: 0, facts });
  }
  closeGently(socket);
}

/** An answer has begun to a request that is not over: a second one would be taken for the next request's. */
function isAnswered(socket: Socket): boolean {
  const { request, response } = latestOn(socket) ?? {};
  if (request === undefined || response === undefined) return false;
  return response.headersSent && !(response.writableFinished && request.complete);
}

function rawAnswer(refusal: Problem): string {
  const body = JSON.stringify(refusal);
  return [
    `HTTP/1.1 ${refusal.status} ${refusal.title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
