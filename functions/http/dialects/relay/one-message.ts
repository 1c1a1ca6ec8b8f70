import { cancel, type CancelPorts } from '../../../../relay/service/settle/cancel.ts';
import type { MessageKey } from '../../../../relay/model/ports.ts';
import { maySee, sendersOf, type Principal } from '../../../../relay/service/access/principal.ts';
import { isMessageId } from '../../../../relay/protocol/legacy/message-id.ts';
import type { ApiResponse } from '../../server/api-response.ts';
import { viewOf } from './message-view.ts';
import { forbiddenSender, orUnavailable, problem, problemResponse, retryAfter } from '../../server/problem.ts';

export interface OneMessagePorts extends CancelPorts {
  readonly senders: readonly string[];
}

interface Named {
  readonly messageId: string;
  readonly query: URLSearchParams;
}

/** The message named by path and query. `sender_id` is optional if the caller may use exactly one sender. */
export function keyIn(
  served: readonly string[],
  { messageId, query }: Named,
  principal: Principal,
): MessageKey | { readonly refused: ApiResponse } {
  const named = query.getAll('sender_id');
  const allowed = sendersOf(principal, served);
  const senderId = named.length === 0 && allowed.length === 1 ? allowed[0] : named[0];
  const wrong = (code: string, message: string): { readonly refused: ApiResponse } => ({
    refused: problemResponse(
      problem('invalid-request', `The query parameter sender_id ${message}.`, [{ path: 'sender_id', code, message }]),
    ),
  });
  if (senderId === undefined) return wrong('REQUIRED', 'is required: you may use more than one sender, or none');
  if (named.length > 1) return wrong('TOO_MANY', 'must be given only once');
  if (!served.includes(senderId)) return wrong('UNKNOWN_SENDER', 'is not a sender this relay serves');
  if (!allowed.includes(senderId)) return { refused: problemResponse(forbiddenSender()) };
  return isMessageId(messageId) ? { senderId, messageId } : { refused: notFound() };
}

export async function getMessage(
  { store }: OneMessagePorts,
  key: MessageKey,
  principal: Principal,
): Promise<ApiResponse> {
  const stored = await orUnavailable(store.read(key));
  if (stored === undefined || !maySee(principal, stored.record)) return notFound(key);
  return {
    status: 200,
    body: viewOf(key, stored.record),
    headers: { 'cache-control': 'no-store' },
    facts: { message_id: key.messageId, state: stored.record.state },
  };
}

/** Takes seconds for a queued message: see relay/machine/delivery/document.ts. */
export async function deleteMessage(
  ports: OneMessagePorts,
  key: MessageKey,
  principal: Principal,
): Promise<ApiResponse> {
  if (principal.own) {
    const stored = await orUnavailable(ports.store.read(key)); // an owner never changes, so this check stays valid
    if (stored === undefined || !maySee(principal, stored.record)) return notFound(key);
  }
  const cancellation = await orUnavailable(cancel(ports, key));
  const facts = { message_id: key.messageId, outcome: cancellation.outcome };
  switch (cancellation.outcome) {
    case 'cancelled':
      return { status: 200, body: viewOf(key, cancellation.record), facts };
    case 'notFound':
      return notFound(key);
    case 'tooLate': {
      const { state } = cancellation.record;
      const errors = [{ path: 'state', code: 'TOO_LATE', message: `is ${state}` }];
      const body = problem('too-late', `The message is already ${state} and can no longer be cancelled.`, errors);
      return problemResponse({ ...body, message: viewOf(key, cancellation.record) }, { facts });
    }
    case 'unsettled':
      return problemResponse(problem('unavailable', 'The message kept changing. Retry the request.'), {
        facts,
        headers: retryAfter(1),
      });
  }
}

const notFound = (key?: MessageKey): ApiResponse =>
  problemResponse(
    problem('not-found', 'No message with this message_id exists.'),
    key && { facts: { message_id: key.messageId } },
  );
