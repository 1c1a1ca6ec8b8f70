import type { ApiResponse } from './api-response.ts';

/**
 * RFC 9457. `errors` is always present: the invalid fields, if fields were the reason; in a batch each result has its
 * own.
 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly ProblemError[];
  // Extension members (§3.2):
  readonly message_id?: string;
  /** The outcome of each message of a batch. */
  readonly results?: readonly object[];
  /** The message's current state, as GET shows it. */
  readonly message?: object;
}

export interface ProblemError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Kind of problem → status and title. Programs match the kind, at the end of `type`. */
const KINDS = {
  'invalid-request': [400, 'Invalid request'],
  'invalid-json': [400, 'Invalid JSON'],
  'invalid-body': [400, 'Unreadable body'],
  'malformed-request': [400, 'Malformed HTTP request'],
  unauthenticated: [401, 'Authentication required'],
  forbidden: [403, 'Insufficient permissions'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'request-timeout': [408, 'Request timeout'],
  'message-id-conflict': [409, 'message_id already in use'],
  'too-late': [409, 'Too late to cancel'],
  'body-too-large': [413, 'Body too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'unsupported-encoding': [415, 'Unsupported content-encoding'],
  'headers-too-large': [431, 'Headers too large'],
  internal: [500, 'Internal error'],
  unavailable: [503, 'Service unavailable'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemKind = keyof typeof KINDS;

export function problem(kind: ProblemKind, detail: string, errors: readonly ProblemError[] = []): Problem {
  const [status, title] = KINDS[kind];
  return { type: `urn:fcm-relay:problem:${kind}`, title, status, detail, errors };
}

/** Not 404: sender ids are no secret, every app contains its own. */
export const forbiddenSender = (): Problem =>
  problem('forbidden', 'The API key or claim does not cover this sender.', [
    { path: 'sender_id', code: 'FORBIDDEN_SENDER', message: 'is not a sender you may use' },
  ]);

const KIND_OF_ITEM: Readonly<Record<number, ProblemKind>> = {
  400: 'invalid-request',
  403: 'forbidden',
  409: 'message-id-conflict',
  503: 'unavailable',
};

/** For a batch without an accepted message: the problem one of them has. */
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

/** A dependency failed; the caller should retry. */
export class UnavailableError extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name = 'UnavailableError';
}

/** Turns a failure of `work` into one the caller may retry. */
export const orUnavailable = <T>(work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) => {
    throw new UnavailableError('a backing service failed', { cause });
  });
