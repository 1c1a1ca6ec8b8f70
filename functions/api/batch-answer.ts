import type { Answer } from './answer.ts';
import type { NotTaken, Result, Taken } from './post-message.ts';
import { problemOfStatus, refuse, retryAfter, type ProblemError } from './problem.ts';

/**
 * 202 when a message was accepted, 200 when all that were taken had been before, whatever became of the others: each result
 * has its own status. When none was taken the whole is a problem, of the highest of their statuses: 503 asks for the batch
 * again, which is safe for each of its messages.
 */
export function answerBatch(results: readonly Result[]): Answer {
  const taken = results.filter((result) => result.taken);
  const notTaken = results.filter((result) => !result.taken);
  const more = { headers: retryAfter(longestWait(notTaken)), facts: countsOf(taken, notTaken) };
  const body = { results: results.map(itemOf) };
  if (taken.length > 0) return { status: Math.max(...taken.map(({ status }) => status)), body, ...more };
  const problem = problemOfStatus(Math.max(...notTaken.map(({ body: { status } }) => status)), 'No message of the batch was accepted: each result says why.');
  return refuse({ ...problem, errors: results.flatMap(errorsOf), ...body }, more);
}

function itemOf(result: Result, index: number): object {
  if (result.taken) return { index, status: result.status, ...result.body };
  return { index, ...result.body, ...(result.retryAfterSeconds !== undefined && { retry_after: result.retryAfterSeconds }) };
}

/** A field of the third message is `messages.2.to`. */
const errorsOf = (result: Result, index: number): readonly ProblemError[] =>
  result.taken ? [] : result.body.errors.map((error) => ({ ...error, path: ['messages', index, ...(error.path === '' ? [] : [error.path])].join('.') }));

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
