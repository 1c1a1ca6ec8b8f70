import { readJson } from '../../../relay/service/requests/read-json.ts';
import type { ApiResponse, ApiRequest } from './api-response.ts';
import { problem, problemResponse } from './problem.ts';
import { ENCODINGS, type BodyLimits, type Received } from './receive.ts';

/** Four times 500 messages of maximum size. */
export const BODY_LIMITS: BodyLimits = { bytes: 8 * 1024 * 1024, ms: 30_000 };

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;

export type Body = { readonly value: unknown } | { readonly refused: ApiResponse };

/** Reads the JSON of a request, once its caller is authorized. */
export async function readBody({ headers, body }: ApiRequest): Promise<Body> {
  const { 'content-type': type = '' } = headers;
  if (!JSON_TYPE.test(type) || !/^utf-?8$/i.test(CHARSET.exec(type)?.[1] ?? 'utf-8')) {
    return {
      refused: problemResponse(
        problem('unsupported-media-type', 'The Content-Type must be application/json, in UTF-8.'),
        {
          headers: { accept: 'application/json' },
        },
      ),
    };
  }
  const received = await body();
  if (!received.ok) return { refused: REFUSALS[received.why] };
  const json = readJson(received.bytes);
  if (json.ok) return { value: json.value };
  return {
    refused: problemResponse(
      problem('invalid-json', `The body is ${json.detail}.`, [{ path: '', code: 'NOT_JSON', message: json.detail }]),
    ),
  };
}

const REFUSALS: Readonly<Record<Extract<Received, { ok: false }>['why'], ApiResponse>> = {
  tooLarge: problemResponse(
    problem('body-too-large', `The uncompressed body must be at most ${BODY_LIMITS.bytes} bytes.`),
  ),
  late: problemResponse(problem('request-timeout', `The body did not arrive within ${BODY_LIMITS.ms / 1_000} s.`)),
  unknownEncoding: problemResponse(
    problem('unsupported-encoding', `The Content-Encoding must be one of ${ENCODINGS}, or absent.`),
    { headers: { 'accept-encoding': ENCODINGS } },
  ),
  badEncoding: problemResponse(
    problem('invalid-body', 'The body does not match its Content-Encoding, or is truncated.'),
  ),
  cutOff: problemResponse(problem('invalid-body', 'The connection closed before the end of the body.')),
};
