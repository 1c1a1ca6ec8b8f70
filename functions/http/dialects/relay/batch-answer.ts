import type { Answer } from '../../server/answer.ts';
import type { NotTaken, Result, Taken } from './post-message.ts';
import { problemOfStatus, refuse, retryAfter, type ProblemError } from '../../server/problem.ts';

/**
 * 202 when a message was accepted, 200 when all that were taken had been before, whatever became of the others: each
 * result has its own status, and its own errors. When none was taken the whole is a problem, of the highest of their
 * statuses: 503 asks for the batch again, which is safe for each of its messages.
 */
export function answerBatch(results: readonly Result[]): Answer {
  const taken = results.filter((result) => result.taken);
  const notTaken = results.filter((result) => !result.taken);
  const more = { headers: retryAfter(longestWait(notTaken)), facts: countsOf(taken, notTaken) };
  const body = { results: shortened(results).map(itemOf) };
  if (taken.length > 0) return { status: Math.max(...taken.map(({ status }) => status)), body, ...more };
  const status = Math.max(...notTaken.map(({ body }) => body.status));
  const problem = problemOfStatus(status, 'No message of the batch was accepted: each result says why.');
  return refuse({ ...problem, ...body }, more);
}

/**
 * Errors that every message may list, and those that all of them may list beyond: an answer must not be many times
 * its request.
 */
const OWN_ERRORS = 3;
const SHARED_ERRORS = 500;

function shortened(results: readonly Result[]): readonly Result[] {
  let shared = SHARED_ERRORS;
  return results.map((result) => {
    if (result.taken) return result;
    const { errors } = result.body;
    const beyond = Math.min(shared, Math.max(0, errors.length - OWN_ERRORS));
    shared -= beyond;
    return { ...result, body: { ...result.body, errors: firstOf(errors, OWN_ERRORS + beyond) } };
  });
}

/** "At least": the list may have been cut before. */
function firstOf(errors: readonly ProblemError[], count: number): readonly ProblemError[] {
  if (errors.length <= count) return errors;
  const more = errors.length - (count - 1);
  return [...errors.slice(0, count - 1), { path: '', code: 'TOO_MANY', message: `and at least ${more} more` }];
}

function itemOf(result: Result, index: number): object {
  if (result.taken) return { index, status: result.status, ...result.body };
  return {
    index,
    ...result.body,
    ...(result.retryAfterSeconds !== undefined && { retry_after: result.retryAfterSeconds }),
  };
}

function longestWait(notTaken: readonly NotTaken[]): number | undefined {
  const waits = notTaken.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? []);
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

const countsOf = (taken: readonly Taken[], notTaken: readonly NotTaken[]): Readonly<Record<string, number>> => ({
  accepted: taken.filter(({ status }) => status === 202).length,
  repeated: taken.filter(({ status }) => status === 200).length,
  refused: notTaken.filter(({ body }) => body.status === 400 || body.status === 403).length,
  conflicts: notTaken.filter(({ body }) => body.status === 409).length,
  unavailable: notTaken.filter(({ body }) => body.status === 503).length,
});
