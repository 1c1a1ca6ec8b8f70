import { isJson, type Json } from '../../json/json.ts';
import { parseJson } from '../../json/parse-json.ts';

/** The JSON inside `<gcm>`, read only as far as the answer depends on it (protocol §2, §3, §6). */
export type Payload =
  | { readonly kind: 'downstream'; readonly messageId: string; readonly json: Json }
  | { readonly kind: 'ack'; readonly messageId: string; readonly to: string }
  | { readonly kind: 'badAck'; readonly messageId: string; readonly to: string; readonly description: string }
  | { readonly kind: 'unreadable'; readonly text: string };

/** CCS's text for a field of the wrong type (protocol §4, known texts). `type`: a java.lang class or a JSON class. */
export function typeError(field: string, type: string, value: unknown): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return `InvalidJson: JSON_TYPE_ERROR : Field "${field}" must be a JSON ${type}: ${shown}`;
}

// Ends in the two characters \ and n, as in the reference: in XML they are no escape.
const MISSING_ID = String.raw`InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\n`;

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function readAck(messageId: string, json: Json): Payload {
  const type = json['message_type'];
  const to = json['to'];
  if (type !== 'ack')
    return {
      kind: 'badAck',
      messageId,
      to: typeof to === 'string' ? to : '',
      description: `message_type must be "ack"`,
    };
  if (typeof to === 'string' && to !== '') return { kind: 'ack', messageId, to };
  return { kind: 'badAck', messageId, to: '', description: 'Missing required field: to' };
}

export function readPayload(text: string | undefined): Payload {
  const json = text === undefined ? undefined : parse(text);
  if (!isJson(json))
    return { kind: 'unreadable', text: String.raw`InvalidJson: JSON_PARSING_ERROR : Not a JSON object\n` };
  const messageId = json['message_id'];
  if (messageId === undefined || messageId === null || messageId === '')
    return { kind: 'unreadable', text: MISSING_ID };
  if (typeof messageId !== 'string')
    return { kind: 'unreadable', text: typeError('message_id', 'java.lang.String', messageId) };
  if (json['message_type'] !== undefined) return readAck(messageId, json);
  return { kind: 'downstream', messageId, json };
}
