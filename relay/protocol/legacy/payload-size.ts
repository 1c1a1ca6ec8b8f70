import { NumberText } from '../json/json.ts';
import type { DownstreamMessage } from './message.ts';
import { isTopicTarget } from './target.ts';

/** Protocol §3: "all keys and values of the payload together"; less for topics, which a condition names too. */
export const MAX_PAYLOAD_BYTES = 4096;
export const MAX_TOPIC_PAYLOAD_BYTES = 2048;

/** `to` and `condition` as received: the limit also applies to requests with other faults. */
export function payloadLimit({ to, condition }: { readonly to?: unknown; readonly condition?: unknown }): number {
  const isToTopics = (condition !== undefined && condition !== null) || isTopicTarget(to);
  return isToTopics ? MAX_TOPIC_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES;
}

export const payloadBytes = (message: Pick<DownstreamMessage, 'data' | 'notification'>): number =>
  partBytes(message.data ?? {}) + partBytes(message.notification ?? {});

/** UTF-8 bytes of all keys and values of `data` or `notification`, as sent. Stops counting past the largest limit. */
export function partBytes(part: Readonly<Record<string, unknown>>): number {
  let bytes = 0;
  for (const key of Object.keys(part)) {
    const text = payloadText(part[key]);
    bytes += Buffer.byteLength(key) + (text === undefined ? Infinity : Buffer.byteLength(text));
    if (bytes > MAX_PAYLOAD_BYTES) break;
  }
  return bytes;
}

/**
 * A payload value as the string that is sent: a string unchanged, anything else as its JSON text: `1.10`, `true`,
 * `null`, `{"a":1}`; numbers as written (json.ts). undefined if that text certainly exceeds the largest payload, which
 * includes values nested too deep for JSON.stringify.
 */
export function payloadText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return mayFit(value) ? JSON.stringify(value) : undefined;
}

/**
 * JSON text with more values than this is too long: each takes at least two characters, its brackets, or itself and a
 * comma; one has no comma.
 */
const MAX_VALUES = MAX_PAYLOAD_BYTES / 2;

/** Counts values only as far as needed, without recursion. */
function mayFit(value: unknown): boolean {
  const found = [value];
  for (const node of found) {
    // `found` grows meanwhile
    if (typeof node !== 'object' || node === null || node instanceof NumberText) continue;
    const children: readonly unknown[] = Object.values(node);
    if (found.length + children.length > MAX_VALUES) return false;
    found.push(...children);
  }
  return true;
}
