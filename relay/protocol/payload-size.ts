import type { DownstreamMessage } from './message.ts';
import { isTopicTarget } from './target.ts';

/** Protocol §3: "all keys and values of the payload together", less for messages to topics, and a condition names topics. */
export const MAX_PAYLOAD_BYTES = 4096;
export const MAX_TOPIC_PAYLOAD_BYTES = 2048;

/** `to` and `condition` as they came: the limit is told of a request with other faults, too. */
export const payloadLimit = (target: { readonly to?: unknown; readonly condition?: unknown }): number =>
  target.condition !== undefined || isTopicTarget(target.to) ? MAX_TOPIC_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES;

export const payloadBytes = (message: Pick<DownstreamMessage, 'data' | 'notification'>): number =>
  partBytes(message.data ?? {}) + partBytes(message.notification ?? {});

/** UTF-8 bytes of all keys and values of `data` or `notification`, as they are sent. Past the largest limit it counts no further. */
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
 * A payload value (out of JSON) as the string that is sent: a string as it is, anything else as its JSON text: `1`, `true`,
 * `null`, `{"a":1}`. undefined when that text is certainly longer than the largest payload; what JSON.stringify
 * cannot write because it is nested too deep is among those.
 */
export function payloadText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value !== 'object' || mayFit(value) ? JSON.stringify(value) : undefined;
}

/** Adds up the least bytes that the JSON text can have, 2 for an object or array and 1 for anything else, without recursion. */
function mayFit(value: unknown): boolean {
  const rest = [value];
  let bytes = 0;
  while (rest.length > 0) {
    const node = rest.pop();
    const children: readonly unknown[] | undefined = typeof node === 'object' && node !== null ? Object.values(node) : undefined;
    bytes += children === undefined ? 1 : 2;
    if (bytes + rest.length + (children?.length ?? 0) > MAX_PAYLOAD_BYTES) return false;
    if (children !== undefined) rest.push(...children);
  }
  return true;
}
