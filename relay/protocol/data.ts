import type { Faults } from './faults.ts';
import { pathOf } from './faults.ts';
import { MAX_PAYLOAD_BYTES, payloadText } from './payload-size.ts';
import { isObject } from './rule.ts';

/**
 * Table 1 names `from`, `message_type` and everything that begins with `google` or `gcm`. It warns of the table's own names
 * (`collapse_key`) too, but table 4 says that they are allowed and that FCM's own value wins: they pass.
 */
const RESERVED = /^(?:from$|message_type$|google|gcm)/;

/**
 * Protocol §3, `data`: every value that is not a string becomes its JSON text (`null` too: one rule, and it can be undone).
 * What is past the payload limit is not kept: the whole is refused for its size (read-message.ts).
 */
export function readData(value: unknown, path: string, faults: Faults): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) {
    faults.add(path, 'WRONG_TYPE', 'must be an object');
    return undefined;
  }
  const entries: [string, string][] = [];
  for (const key of Object.keys(value)) {
    if (RESERVED.test(key)) faults.add(pathOf(path, key), 'RESERVED_KEY', 'FCM keeps this key for itself');
    else if (entries.length < MAX_PAYLOAD_BYTES) entries.push([key, payloadText(value[key]) ?? '']);
  }
  return Object.fromEntries(entries); // which makes an own `__proto__` out of that key; an assignment would not
}
