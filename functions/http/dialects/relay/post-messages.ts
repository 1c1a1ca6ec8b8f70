import { acceptor, type AcceptPorts } from '../../../../relay/service/accept/accept.ts';
import { sendersOf, type Principal } from '../../../../relay/service/access/principal.ts';
import { Faults, pathOf } from '../../../../relay/protocol/rules/faults.ts';
import { isObject } from '../../../../relay/protocol/rules/rule.ts';
import { logConflicts, logFailure } from '../../../log.ts';
import type { ApiResponse, ApiRequest } from '../../server/api-response.ts';
import { batchResponse } from './batch-response.ts';
import { readBody } from '../../server/body.ts';
import { postMessage, type PostPorts, type MessageResult } from './post-message.ts';
import { problem, problemResponse, retryAfter, type ProblemError } from '../../server/problem.ts';

export interface PostMessagesPorts extends AcceptPorts, Omit<PostPorts, 'accept' | 'allowedSenders'> {}

export const MAX_BATCH = 500;

/** One message, or `{"messages":[…]}`, each handled on its own. */
export async function postMessages(
  ports: PostMessagesPorts,
  request: ApiRequest,
  principal: Principal,
): Promise<ApiResponse> {
  const read = await readBody(request);
  if ('refused' in read) return read.refused;
  const body = read.value;
  const allowedSenders = sendersOf(principal, ports.senders);
  const postPorts = { ...ports, accept: acceptor(ports, principal), allowedSenders };
  if (!isObject(body) || !Object.hasOwn(body, 'messages')) {
    const result = await postMessage(postPorts, body);
    countConflicts([result], principal);
    return singleResponse(result);
  }
  const batch = readBatch(body);
  if (!batch.ok) {
    return problemResponse(problem('invalid-request', 'The batch is invalid. No message was accepted.', batch.errors));
  }
  const results = await Promise.all(batch.messages.map((message) => postMessage(postPorts, message)));
  countConflicts(results, principal);
  const failed = results.find((result) => !result.accepted && result.cause !== undefined);
  if (failed !== undefined) logCause(failed); // one is enough: they fail for the same reason
  return batchResponse(results);
}

function countConflicts(results: readonly MessageResult[], { owner }: Principal): void {
  const conflicts = results.filter(({ accepted, body }) => !accepted && body.status === 409).length;
  if (conflicts > 0) logConflicts(owner, conflicts);
}

type Batch =
  | { readonly ok: true; readonly messages: readonly unknown[] }
  | { readonly ok: false; readonly errors: readonly ProblemError[] };

function readBatch({ messages, ...others }: Readonly<Record<string, unknown>>): Batch {
  const faults = new Faults();
  const list: unknown[] = Array.isArray(messages) ? messages : [];
  if (!Array.isArray(messages)) faults.add('messages', 'WRONG_TYPE', 'must be an array');
  else if (list.length === 0) faults.add('messages', 'REQUIRED', 'must contain at least one message');
  else if (list.length > MAX_BATCH) faults.add('messages', 'TOO_MANY', `must contain at most ${MAX_BATCH} messages`);
  for (const key of Object.keys(others)) {
    faults.add(pathOf('', key), 'UNKNOWN_FIELD', 'is not a field of a batch, which only has "messages"');
  }
  return faults.isEmpty ? { ok: true, messages: list } : { ok: false, errors: faults.all };
}

function singleResponse(result: MessageResult): ApiResponse {
  logCause(result);
  const facts = result.body.message_id === undefined ? {} : { message_id: result.body.message_id };
  if (result.accepted) return { status: result.status, body: result.body, facts };
  return problemResponse(result.body, { facts, headers: retryAfter(result.retryAfterSeconds) });
}

function logCause(result: MessageResult): void {
  if (!result.accepted && result.cause !== undefined) logFailure('accept.failed', result.cause);
}
