import type { DownstreamRequest } from './message.ts';

/**
 * The same text for the same request, whatever the order of its keys and the spelling of its values: the input of the
 * content hash that tells a repeat from another message under the same id. Contains the payload: hash it, store it
 * nowhere.
 */
export const canonicalContent = ({ senderId, message }: DownstreamRequest): string =>
  JSON.stringify([senderId, sorted(message)]);

/** Entries, because in an object keys like `1` would keep an order of their own. */
const sorted = (fields: object): readonly (readonly [string, unknown])[] =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1)) // by code unit, independent of locale
    .map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'object' && value !== null ? sorted(value) : value,
    ]);
