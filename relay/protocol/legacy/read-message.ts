import { checkDataKeys } from './data.ts';
import type { Faults } from '../rules/faults.ts';
import { pathOf } from '../rules/faults.ts';
import type { DownstreamMessage } from './message.ts';
import { MAX_TTL_SECONDS } from './message.ts';
import { checkNotification } from './notification.ts';
import { partBytes, payloadLimit } from './payload-size.ts';
import type { Rules } from '../rules/rule.ts';
import { isObject, isPresent, readFields } from '../rules/rule.ts';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Rules for a payload that is too large: names and plain forms are still checked, so that other faults are reported,
 * but no value is parsed.
 */
const UNPARSED: Pick<Rules<DownstreamMessage>, 'data' | 'notification'> = {
  data: checkDataKeys,
  notification: checkNotification,
};

/** Reads a message by legacy-fields.ts. Rules across fields are checked on the raw input, to name every fault. */
export function readMessage<T extends DownstreamMessage>(
  raw: Raw,
  rules: Rules<T>,
  parent: string,
  faults: Faults,
): Partial<T> {
  checkTarget(raw, parent, faults);
  return readFields(raw, fits(raw, parent, faults) ? rules : { ...rules, ...UNPARSED }, parent, faults);
}

/** Protocol §3: exactly one of `to`, `condition`. */
function checkTarget(raw: Raw, parent: string, faults: Faults): void {
  const [to, condition] = [isPresent(raw, 'to'), isPresent(raw, 'condition')];
  if (to && condition)
    faults.add(pathOf(parent, 'condition'), 'TARGET_AMBIGUOUS', 'must not be set together with `to`');
  if (!to && !condition) faults.add(pathOf(parent, 'to'), 'TARGET_MISSING', 'is required, unless `condition` is set');
}

/** Protocol §3, size. Names the larger part, where there is most to save. */
function fits(raw: Raw, parent: string, faults: Faults): boolean {
  const dataBytes = isObject(raw['data']) ? partBytes(raw['data']) : 0;
  const notificationBytes = isObject(raw['notification']) ? partBytes(raw['notification']) : 0;
  const limit = payloadLimit(raw);
  if (dataBytes + notificationBytes <= limit) return true;
  const path = pathOf(parent, dataBytes < notificationBytes ? 'notification' : 'data');
  faults.add(path, 'TOO_LARGE', `data and notification must be at most ${limit} bytes together, keys and values`);
  return false;
}

/** The fields of a valid message, normalised: defaults are set (protocol §3, table 1). */
export const withDefaults = (fields: Partial<DownstreamMessage>, messageId: string): DownstreamMessage => ({
  ...fields,
  message_id: messageId,
  priority: fields.priority ?? (fields.notification === undefined ? 'normal' : 'high'),
  time_to_live: fields.time_to_live ?? MAX_TTL_SECONDS,
});
