import { readJson } from '../../relay/core/intake-json.ts';
import type { Answer, ApiRequest } from './answer.ts';
import { problem, refuse } from './problem.ts';

/** 500 messages of the largest kind are a quarter of it. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;

export type Body = { readonly value: unknown } | { readonly refused: Answer };

/** The JSON of a request. */
export function readBody({ contentType = '', body }: ApiRequest): Body {
  if (body.byteLength > MAX_BODY_BYTES) {
    return { refused: refuse(problem('body-too-large', `The body has ${body.byteLength} bytes, more than ${MAX_BODY_BYTES}.`)) };
  }
  if (!JSON_TYPE.test(contentType) || !/^utf-?8$/i.test(CHARSET.exec(contentType)?.[1] ?? 'utf-8')) {
    return { refused: refuse(problem('unsupported-media-type', 'The content-type must be application/json, in UTF-8.'), { headers: { accept: 'application/json' } }) };
  }
  const json = readJson(body);
  if (json.ok) return { value: json.value };
  return { refused: refuse(problem('invalid-json', `The body is ${json.detail}.`, [{ path: '', code: 'NOT_JSON', message: json.detail }])) };
}
