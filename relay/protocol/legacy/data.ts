import type { Faults } from '../rules/faults.ts';
import { pathOf } from '../rules/faults.ts';
import { payloadText } from './payload-size.ts';
import { isObject } from '../rules/rule.ts';

/**
 * Table 1 reserves `from`, `message_type` and everything that begins with `google` or `gcm`. It also warns about the
 * table's own names (`collapse_key`), but table 4 allows them and lets FCM's own value win: they pass.
 */
const RESERVED = /^(?:from$|message_type$|google|gcm)/;

type Data = Readonly<Record<string, string>>;

/**
 * Protocol §3, `data`: every value that is not a string becomes its JSON text, `null` too: one rule, and reversible.
 */
export function readData(value: unknown, path: string, faults: Faults): Data | undefined {
  checkDataKeys(value, path, faults);
  if (!isObject(value)) return undefined;
  // Entries create an own `__proto__`; an assignment would not. Values without a text were refused for their size
  // (read-message.ts).
  return Object.fromEntries(Object.keys(value).map((key) => [key, payloadText(value[key]) ?? '']));
}

/** Checks keys only. */
export function checkDataKeys(value: unknown, path: string, faults: Faults): undefined {
  if (!isObject(value)) faults.add(path, 'WRONG_TYPE', 'must be an object');
  else
    for (const key of Object.keys(value)) {
      if (RESERVED.test(key)) faults.add(pathOf(path, key), 'RESERVED_KEY', 'is a key reserved by FCM');
    }
}
