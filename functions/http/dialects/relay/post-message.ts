import type { Acceptance } from '../../../../relay/service/accept/accept.ts';
import type { DownstreamRequest } from '../../../../relay/protocol/legacy/message.ts';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';
import { isObject } from '../../../../relay/protocol/rules/rule.ts';
import { hrefOf } from '../../server/api-response.ts';
import { forbiddenSender, problem, type Problem } from '../../server/problem.ts';

export interface PostPorts {
  readonly accept: (request: DownstreamRequest) => Promise<Acceptance>;
  readonly senders: readonly string[];
  /** The `senders` the caller may use. */
  readonly allowedSenders: readonly string[];
  readonly newMessageId: () => string;
}

/** The outcome of one message, alone or in a batch. */
export type MessageResult = Accepted | Rejected;

export interface Accepted {
  readonly accepted: true;
  /** 202: accepted now. 200: accepted before. */
  readonly status: 202 | 200;
  readonly body: {
    readonly message_id: string;
    readonly sender_id: string;
    readonly state: string;
    readonly href: string;
  };
}

export interface Rejected {
  readonly accepted: false;
  readonly body: Problem;
  readonly retryAfterSeconds?: number;
  /** For the log. */
  readonly cause?: unknown;
}

export async function postMessage(ports: PostPorts, input: unknown): Promise<MessageResult> {
  if (namesForbiddenSender(ports, input)) return { accepted: false, body: forbiddenSender() };
  const parsed = parseDownstream(input, { ...ports, senders: ports.allowedSenders });
  if (parsed.ok) return resultOf(await ports.accept(parsed.value), parsed.value, ports.senders.length > 1);
  const { errors, messageId } = parsed;
  const detail = errors.length === 1 ? 'One field is invalid.' : `${errors.length} fields are invalid.`;
  return {
    accepted: false,
    body: { ...problem('invalid-request', detail, errors), ...(messageId !== undefined && { message_id: messageId }) },
  };
}

function namesForbiddenSender({ senders, allowedSenders }: PostPorts, input: unknown): boolean {
  const asked = isObject(input) ? input['sender_id'] : undefined;
  return typeof asked === 'string' && senders.includes(asked) && !allowedSenders.includes(asked);
}

/** The same whether content or owner differs: a guess reveals nothing about the message. */
const IN_USE = { path: 'message_id', code: 'MESSAGE_ID_CONFLICT', message: 'is already in use' };

function resultOf(acceptance: Acceptance, { senderId, message }: DownstreamRequest, several: boolean): MessageResult {
  const messageId = message.message_id;
  const rejected = (body: Problem): Rejected => ({ accepted: false, body: { ...body, message_id: messageId } });
  switch (acceptance.outcome) {
    case 'accepted':
    case 'repeated': {
      const { outcome, record } = acceptance;
      const body = {
        message_id: messageId,
        sender_id: senderId,
        state: record.state,
        href: hrefOf({ senderId, messageId }, several),
      };
      return { accepted: true, status: outcome === 'accepted' ? 202 : 200, body };
    }
    case 'conflict':
      return rejected(
        problem('message-id-conflict', 'Another message already uses this message_id. Nothing was changed.', [IN_USE]),
      );
    case 'unavailable': {
      const { retryAfterSeconds, cause } = acceptance;
      const detail = `The message could not be queued. Retry in ${retryAfterSeconds} s with the same message_id.`;
      return { ...rejected(problem('unavailable', detail)), retryAfterSeconds, cause };
    }
  }
}
