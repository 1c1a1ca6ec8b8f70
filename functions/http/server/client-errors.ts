import { subscribe } from 'node:diagnostics_channel';
import { Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { logRequest } from '../../log.ts';
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
 * An earlier request waits for its answer, and would take what is written now for that. It is the last one to get one.
 */
function closeAfter(response: ServerResponse, socket: Socket): void {
  socket.pause(); // what comes now is not read, or each piece of it would be an error
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
