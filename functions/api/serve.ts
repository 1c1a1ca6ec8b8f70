import type { HttpsFunction } from 'firebase-functions/https';
import { answer, type ApiPorts } from './api.ts';
import { contentTypeOf } from './raw-body.ts';

/** The API as firebase-functions serves it. */
export const serve = (ports: () => ApiPorts): ((...handled: Parameters<HttpsFunction>) => Promise<void>) => async (request, response) => {
  const { method, url, headers } = request;
  const given = await answer(ports, { method, url, headers, contentType: contentTypeOf(request), body: bodyOf(request) });
  const type = given.body === undefined ? {} : { 'content-type': 'application/json' };
  // Not express's `json()` and `set()`, which would put a content-type of their own in place of a problem's.
  response.writeHead(given.status, { ...type, ...given.headers });
  response.end(given.body === undefined || method === 'HEAD' ? undefined : JSON.stringify(given.body));
};

/** The platform leaves the body out when there is none. */
const bodyOf = (request: { readonly rawBody?: Buffer }): Buffer => request.rawBody ?? Buffer.alloc(0);
