import { cancel, type CancelPorts } from '../../relay/core/cancel.ts';
import type { MessageKey } from '../../relay/core/ports.ts';
import { isMessageId } from '../../relay/protocol/message-id.ts';
import type { Answer } from './answer.ts';
import { viewOf } from './message-view.ts';
import { orUnavailable, problem, refuse, retryAfter } from './problem.ts';

export interface OneMessagePorts extends CancelPorts {
  readonly senders: readonly string[];
}

/** Which message a path and query name. `sender_id` may be left out when the relay serves one sender. */
export function keyIn(senders: readonly string[], messageId: string, query: URLSearchParams): MessageKey | { readonly refused: Answer } {
  const named = query.getAll('sender_id');
  const senderId = named.length === 0 && senders.length === 1 ? senders[0] : named[0];
  const wrong = (code: string, message: string): { readonly refused: Answer } => ({
    refused: refuse(problem('invalid-request', `The query's sender_id ${message}.`, [{ path: 'sender_id', code, message }])),
  });
  if (senderId === undefined) return wrong('REQUIRED', 'must be given: this relay serves several senders');
  if (named.length > 1) return wrong('TOO_MANY', 'must be given once');
  if (!senders.includes(senderId)) return wrong('UNKNOWN_SENDER', 'is not one that this relay serves');
  return isMessageId(messageId) ? { senderId, messageId } : { refused: notFound() };
}

export async function getMessage({ store }: OneMessagePorts, key: MessageKey): Promise<Answer> {
  const stored = await orUnavailable(store.read(key));
  if (stored === undefined) return notFound(key);
  return { status: 200, body: viewOf(key, stored.record), headers: { 'cache-control': 'no-store' }, facts: { message_id: key.messageId, state: stored.record.state } };
}

/** Takes seconds for a message that is queued: see relay/core/timing.ts. */
export async function deleteMessage(ports: OneMessagePorts, key: MessageKey): Promise<Answer> {
  const cancellation = await orUnavailable(cancel(ports, key));
  const facts = { message_id: key.messageId, outcome: cancellation.outcome };
  switch (cancellation.outcome) {
    case 'cancelled':
      return { status: 200, body: viewOf(key, cancellation.record), facts };
    case 'notFound':
      return notFound(key);
    case 'tooLate': {
      const { state } = cancellation.record;
      const body = problem('too-late', `The message is ${state}: it cannot be cancelled any more.`, [{ path: 'state', code: 'TOO_LATE', message: `is ${state}` }]);
      return refuse({ ...body, message: viewOf(key, cancellation.record) }, { facts });
    }
    case 'unsettled':
      return refuse(problem('unavailable', 'The message kept changing. Ask again.'), { facts, headers: retryAfter(1) });
  }
}

const notFound = (key?: MessageKey): Answer =>
  refuse(problem('not-found', 'There is no message with this message_id.'), key && { facts: { message_id: key.messageId } });
