import type { ApiResponse } from './api-response.ts';

/**
 * RFC 9457. `errors` is always there: the bad fields, if it was for fields that the request was refused; of a batch
 * each result has its own.
 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly ProblemError[];
  // Ours beside the RFC's (§3.2):
  readonly message_id?: string;
  /** What became of each message of a batch. */
  readonly results?: readonly object[];
  /** The message as it stands, as GET shows it. */
  readonly message?: object;
}

export interface ProblemError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Kind of problem → status and title. The kind is what a program tells them apart by, at the end of `type`. */
const KINDS = {
  'invalid-request': [400, 'The request has invalid fields'],
  'invalid-json': [400, 'The body is not JSON'],
  'invalid-body': [400, 'The body cannot be read'],
  'malformed-request': [400, 'Malformed HTTP request'],
  unauthenticated: [401, 'Authentication required'],
  forbidden: [403, 'Insufficient permissions'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'request-timeout': [408, 'Request timeout'],
  'message-id-conflict': [409, 'The message_id is in use'],
  'too-late': [409, 'The message can no longer be cancelled'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body must be JSON'],
  'unsupported-encoding': [415, 'Unsupported content-encoding'],
  'headers-too-large': [431, 'The headers are too large'],
  internal: [500, 'Internal error'],
  unavailable: [503, 'Temporarily unavailable'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemKind = keyof typeof KINDS;

export function problem(kind: ProblemKind, detail: string, errors: readonly ProblemError[] = []): Problem {
  const [status, title] = KINDS[kind];
  return { type: `urn:fcm-relay:problem:${kind}`, title, status, detail, errors };
}

/** Not 404: sender ids are no secret, they stand in every app. */
export const forbiddenSender = (): Problem =>
  problem('forbidden', 'The key or claim does not extend to this sender.', [
    { path: 'sender_id', code: 'FORBIDDEN_SENDER', message: 'is not one that you may use' },
  ]);

const KIND_OF_ITEM: Readonly<Record<number, ProblemKind>> = {
  400: 'invalid-request',
  403: 'forbidden',
  409: 'message-id-conflict',
  503: 'unavailable',
};

/** For a batch whose messages all were refused: the problem that one of them has. */
export const problemOfStatus = (status: number, detail: string): Problem =>
  problem(KIND_OF_ITEM[status] ?? 'internal', detail);

export const retryAfter = (seconds: number | undefined): Readonly<Record<string, string>> =>
  seconds === undefined ? {} : { 'retry-after': String(seconds) };

export const problemResponse = (body: Problem, more: Pick<ApiResponse, 'headers' | 'facts'> = {}): ApiResponse => ({
  status: body.status,
  headers: { 'content-type': 'application/problem+json', ...more.headers },
  body,
  facts: { problem: body.type, ...more.facts },
});

/** Something outside failed: to be repeated, by the caller. */
export class UnavailableError extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name = 'UnavailableError';
}

/** What the caller may repeat as it is, once `work` fails. */
export const orUnavailable = <T>(work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) => {
    throw new UnavailableError('a store or queue failed', { cause });
  });
