import type { DownstreamRequest } from './message.ts';

/**
 * The same text for the same request, however its keys were ordered and its values spelt: what the fingerprint is made
 * of that tells a repeat of a message from another message under its id. Contains the payload: hash it, keep it
 * nowhere.
 */
export const canonicalContent = ({ senderId, message }: DownstreamRequest): string =>
  JSON.stringify([senderId, sorted(message)]);

/** Entries, not an object: in an object, keys like `1` would keep an order of their own. */
const sorted = (fields: object): readonly (readonly [string, unknown])[] =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1)) // by code unit, whatever the locale
    .map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'object' && value !== null ? sorted(value) : value,
    ]);
