import { NumberText } from '../json/json.ts';
import type { DownstreamMessage } from './message.ts';
import { isTopicTarget } from './target.ts';

/**
 * Protocol §3: "all keys and values of the payload together", less for messages to topics, and a condition names
 * topics.
 */
export const MAX_PAYLOAD_BYTES = 4096;
export const MAX_TOPIC_PAYLOAD_BYTES = 2048;

/** `to` and `condition` as they came: the limit is told of a request with other faults, too. */
export function payloadLimit({ to, condition }: { readonly to?: unknown; readonly condition?: unknown }): number {
  const isToTopics = (condition !== undefined && condition !== null) || isTopicTarget(to);
  return isToTopics ? MAX_TOPIC_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES;
}

export const payloadBytes = (message: Pick<DownstreamMessage, 'data' | 'notification'>): number =>
  partBytes(message.data ?? {}) + partBytes(message.notification ?? {});

/**
 * UTF-8 bytes of all keys and values of `data` or `notification`, as they are sent. Past the largest limit it counts no
 * further.
 */
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
 * A payload value (out of JSON) as the string that is sent: a string as it is, anything else as its JSON text: `1.10`,
 * `true`, `null`, `{"a":1}`; numbers as they were written (json.ts). undefined when that text is certainly longer than
 * the largest payload; what JSON.stringify cannot write because it is nested too deep is among those.
 */
export function payloadText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return mayFit(value) ? JSON.stringify(value) : undefined;
}

/**
 * The JSON text of more values than these is too long: each takes two characters, its own brackets, or itself and a
 * comma; one has no comma.
 */
const MAX_VALUES = MAX_PAYLOAD_BYTES / 2;

/** Counts the values in it, no further than it must, and without recursion. */
function mayFit(value: unknown): boolean {
  const found = [value];
  for (const node of found) {
    // which grows meanwhile
    if (typeof node !== 'object' || node === null || node instanceof NumberText) continue;
    const children: readonly unknown[] = Object.values(node);
    if (found.length + children.length > MAX_VALUES) return false;
    found.push(...children);
  }
  return true;
}
