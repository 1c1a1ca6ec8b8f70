import { z } from 'zod';
import { Faults } from '../rules/faults.ts';
import type { Parsed } from '../rules/field-error.ts';
import type { DownstreamMessage, DownstreamRequest } from './message.ts';
import { isMessageId } from './message-id.ts';
import { readMessage, withDefaults } from './read-message.ts';
import type { Rules } from '../rules/rule.ts';
import { described, isObject, isPresent } from '../rules/rule.ts';
import { LEGACY_FIELDS } from './legacy-fields.ts';

export interface ParseContext {
  /** The sender ids served. A request may omit `sender_id` if there is exactly one. */
  readonly senders: readonly string[];
  /** Called for a valid request without a `message_id`. */
  readonly newMessageId: () => string;
}

type RequestFields = DownstreamMessage & { readonly sender_id?: string };

const REQUEST: Rules<RequestFields> = { ...LEGACY_FIELDS, sender_id: described(z.string('must be a string')) };

/**
 * Parses one message from a caller: the JSON of protocol §3, table 1, plus `sender_id`; `message_id` is optional.
 * Returns it normalised, or every invalid field at once (up to MAX_FAULTS). Never throws, whatever the JSON.
 */
export function parseDownstream(input: unknown, context: ParseContext): Parsed<DownstreamRequest> {
  const faults = new Faults();
  if (!isObject(input)) {
    faults.add('', 'WRONG_TYPE', 'must be a JSON object');
    return { ok: false, errors: faults.all };
  }
  const { sender_id: asked, ...fields } = readMessage(input, REQUEST, '', faults);
  const senderId = isPresent(input, 'sender_id') ? asked : onlySender(context, faults);
  if (senderId !== undefined && !context.senders.includes(senderId)) {
    faults.add('sender_id', 'UNKNOWN_SENDER', 'is not a sender this relay serves');
  }
  if (senderId !== undefined && faults.isEmpty) {
    return {
      ok: true,
      value: { senderId, message: withDefaults(fields, fields.message_id ?? context.newMessageId()) },
    };
  }
  const messageId = input['message_id'];
  return { ok: false, errors: faults.all, ...(isMessageId(messageId) && { messageId }) };
}

function onlySender({ senders }: ParseContext, faults: Faults): string | undefined {
  if (senders.length === 1) return senders[0];
  faults.add('sender_id', 'REQUIRED', 'is required: there is more than one sender to choose from, or none');
  return undefined;
}
