import { ConditionError, parseCondition } from '../../devices/condition.ts';
import { badRegistration, type DownstreamMessage, type Refusal, type Target } from '../../devices/message.ts';
import { isJson, type Json } from '../../json/json.ts';
import { asText, firstRefusal, invalidJson, MAX_TTL_SECONDS, TOPIC_PREFIX } from './field-checks.ts';

const TOPIC_NAME = /^[A-Za-z0-9\-_.~%]{1,900}$/;
/** Our choice: a token has at least 6 characters, no spaces, no control and no non-ASCII characters. */
const TOKEN = /^[\x21-\x2e\x30-\x7e][\x21-\x7e]{5,4095}$/;

function targetOf(json: Json): Target | Refusal {
  const { to, condition } = json;
  if (typeof condition === 'string') {
    try {
      return { kind: 'condition', text: condition, condition: parseCondition(condition) };
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      return invalidJson(
        `InvalidJson : INVALID_CONDITION : Invalid value (${condition}) for "condition": ${error.message}`,
      );
    }
  }
  const token = String(to);
  if (token.startsWith(TOPIC_PREFIX)) {
    const topic = token.slice(TOPIC_PREFIX.length);
    return TOPIC_NAME.test(topic)
      ? { kind: 'topic', topic }
      : invalidJson(`InvalidJson : INVALID_TOPIC : Invalid topic on 'to' field: ${token}`);
  }
  if (TOKEN.test(token)) return { kind: 'token', token };
  return badRegistration(token);
}

function dataOf(data: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJson(data)) return undefined;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, asText(value)]));
}

/**
 * Checks and reads a downstream message. Error codes are documented (protocol §4); so are the texts where one is known,
 * the others are worded like them (our choice).
 */
export function readMessage(messageId: string, json: Json): DownstreamMessage | Refusal {
  const refusal = firstRefusal(json);
  if (refusal !== undefined) return refusal;
  const target = targetOf(json);
  if ('error' in target) return target;
  const { collapse_key: key, notification } = json;
  return {
    messageId,
    target,
    collapseKey: typeof key === 'string' && key !== '' ? key : undefined,
    priority:
      json['priority'] === 'high' || (json['priority'] !== 'normal' && isJson(notification)) ? 'high' : 'normal',
    ttlSeconds: Number(json['time_to_live'] ?? MAX_TTL_SECONDS),
    dryRun: json['dry_run'] === true,
    receipt: json['delivery_receipt_requested'] === true,
    data: dataOf(json['data']),
    notification: isJson(notification) ? notification : undefined,
  };
}
