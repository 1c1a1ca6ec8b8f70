import { subscribe } from 'node:diagnostics_channel';
import { Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { logRequest } from '../../log.ts';
import { latestOn, servesApi } from './arrival.ts';
import { closeGently } from './connection.ts';
import { problem, type Problem } from './problem.ts';

/**
 * Node answers malformed or oversized requests before there is a request, with an empty response. Here they get a
 * problem and a log line like any other: https://nodejs.org/api/http.html#event-clienterror
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
  HPE_HEADER_OVERFLOW: problem('headers-too-large', 'The request path and headers are too long.'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: problem('body-too-large', 'The chunk extensions of the body are too long.'),
  ERR_HTTP_REQUEST_TIMEOUT: problem('request-timeout', 'The request took too long to arrive.'),
};
const MALFORMED = problem('malformed-request', 'Not a valid HTTP/1.1 request.');

const GONE = new Set(['ECONNRESET', 'EPIPE']);

function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  const code = error.code ?? 'unknown';
  const { request, response } = latestOn(socket) ?? {};
  const isWaiting = request?.complete === true && response?.writableFinished === false;
  if (isWaiting && socket.writable) return closeAfter(response, socket);
  const hasBegun = request?.complete === false && response?.headersSent === true;
  if (!GONE.has(code) && socket.writable && !hasBegun) {
    const refusal = PROBLEMS[code] ?? MALFORMED;
    socket.write(rawResponse(refusal));
    const facts = { problem: refusal.type, cause: code };
    logRequest({ method: 'unknown', route: 'none', status: refusal.status, ms: 0, facts });
  }
  closeGently(socket);
}

const closing = new WeakSet<ServerResponse>();

/**
 * An earlier request still waits for its response and would mistake this one for it. It gets the last response of the
 * connection.
 */
function closeAfter(response: ServerResponse, socket: Socket): void {
  socket.pause(); // stops reading, or every further chunk would be another error
  if (closing.has(response)) return;
  closing.add(response);
  if (!response.headersSent) response.setHeader('connection', 'close');
  response.once('finish', () => closeGently(socket));
}

function rawResponse(refusal: Problem): string {
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
