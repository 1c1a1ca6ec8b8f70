import type { HttpsFunction } from 'firebase-functions/https';
import type { ApiResponse } from './server/api-response.ts';
import { handleRequest, type ApiPorts } from './api.ts';
import { arrivalOf, type Arrival } from './server/arrival.ts';
import { BODY_LIMITS } from './server/body.ts';
import { DISCARD_BYTES, discardRest } from './server/connection.ts';
import { receive, type Received } from './server/receive.ts';

type Handled = Parameters<HttpsFunction>;

export const serve =
  (ports: () => ApiPorts): ((...handled: Handled) => Promise<void>) =>
  async (request, response) => {
    const arrival = arrivalOf(request);
    let sender: keyof typeof DISCARD_BYTES = 'stranger';
    const body = (): Promise<Received> => {
      sender = 'caller'; // only an authorized caller's body is read
      return bodyOf(arrival, [request, response]);
    };
    const given = await handleRequest(ports, { method: request.method, ...arrival, body });
    if (begin(given, [request, response])) return;
    const rest = { announcedBytes: announced(arrival), limitBytes: DISCARD_BYTES[sender] };
    discardRest(request, rest, () => response.end());
  };

const announced = ({ headers }: Arrival): number => Number(headers['content-length'] ?? 0);

/**
 * Sends the response. Returns `false` if the request is still arriving, and leaves the response open: ended now, Node
 * would close the connection and TCP would reset it.
 */
function begin(given: ApiResponse, [request, response]: Handled): boolean {
  const text = given.body === undefined ? '' : JSON.stringify(given.body);
  const described = given.body !== undefined && {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  };
  // Not express's `json()` and `set()`: they would replace a problem's content-type.
  response.writeHead(given.status, { ...described, ...given.headers });
  const shown = request.method === 'HEAD' ? '' : text;
  if (request.complete || request.destroyed) {
    response.end(shown);
    return true;
  }
  if (shown === '') response.flushHeaders();
  else response.write(shown);
  return false;
}

/** `rawBody` is set where the platform was not bypassed: it has read and inflated the body. */
async function bodyOf(arrival: Arrival, [request, response]: Handled): Promise<Received> {
  const { headers } = arrival;
  const { rawBody } = request as { readonly rawBody?: Buffer };
  if (rawBody !== undefined) {
    return rawBody.length > BODY_LIMITS.bytes ? { ok: false, why: 'tooLarge' } : { ok: true, bytes: rawBody };
  }
  if (announced(arrival) > BODY_LIMITS.bytes) return { ok: false, why: 'tooLarge' };
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  return await receive(request, headers['content-encoding'] ?? '', BODY_LIMITS);
}
