import type { ApiResponse } from '../../server/api-response.ts';
import type { Rejected, MessageResult, Accepted } from './post-message.ts';
import { problemOfStatus, problemResponse, retryAfter, type ProblemError } from '../../server/problem.ts';

/**
 * 202 if any message was accepted, 200 if all accepted ones had been accepted before, regardless of the others: each
 * result has its own status and errors. If none was accepted, the response is a problem with the highest of their
 * statuses: 503 asks for the whole batch again, which is safe for every message.
 */
export function batchResponse(results: readonly MessageResult[]): ApiResponse {
  const accepted = results.filter((result) => result.accepted);
  const rejected = results.filter((result) => !result.accepted);
  const more = { headers: retryAfter(longestWait(rejected)), facts: countsOf(accepted, rejected) };
  const body = { results: shortened(results).map(itemOf) };
  if (accepted.length > 0) return { status: Math.max(...accepted.map(({ status }) => status)), body, ...more };
  const status = Math.max(...rejected.map(({ body }) => body.status));
  const problem = problemOfStatus(status, 'No message in the batch was accepted. See the result of each message.');
  return problemResponse({ ...problem, ...body }, more);
}

/**
 * Errors each message may list, and errors all messages may list beyond that: a response must not be many times its
 * request.
 */
const OWN_ERRORS = 3;
const SHARED_ERRORS = 500;

function shortened(results: readonly MessageResult[]): readonly MessageResult[] {
  let shared = SHARED_ERRORS;
  return results.map((result) => {
    if (result.accepted) return result;
    const { errors } = result.body;
    const beyond = Math.min(shared, Math.max(0, errors.length - OWN_ERRORS));
    shared -= beyond;
    return { ...result, body: { ...result.body, errors: firstOf(errors, OWN_ERRORS + beyond) } };
  });
}

/** "At least", because the list may have been cut before. */
function firstOf(errors: readonly ProblemError[], count: number): readonly ProblemError[] {
  if (errors.length <= count) return errors;
  const more = errors.length - (count - 1);
  return [...errors.slice(0, count - 1), { path: '', code: 'TOO_MANY', message: `at least ${more} more errors` }];
}

function itemOf(result: MessageResult, index: number): object {
  if (result.accepted) return { index, status: result.status, ...result.body };
  return {
    index,
    ...result.body,
    ...(result.retryAfterSeconds !== undefined && { retry_after: result.retryAfterSeconds }),
  };
}

function longestWait(rejected: readonly Rejected[]): number | undefined {
  const waits = rejected.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? []);
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

const countsOf = (accepted: readonly Accepted[], rejected: readonly Rejected[]): Readonly<Record<string, number>> => ({
  accepted: accepted.filter(({ status }) => status === 202).length,
  repeated: accepted.filter(({ status }) => status === 200).length,
  refused: rejected.filter(({ body }) => body.status === 400 || body.status === 403).length,
  conflicts: rejected.filter(({ body }) => body.status === 409).length,
  unavailable: rejected.filter(({ body }) => body.status === 503).length,
});
