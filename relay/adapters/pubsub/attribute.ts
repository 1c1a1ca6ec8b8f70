import { createHash } from 'node:crypto';
import { cutUtf8 } from './cut-utf8.ts';

const MAX_ATTRIBUTE_BYTES = 1024; // Pub/Sub's limit for the value of one attribute

/** Text as an attribute, truncated at the limit. */
export const attributeText = (value: string): string => cutUtf8(value, MAX_ATTRIBUTE_BYTES);

/** An id as an attribute. A long one ends in a hash of the whole, so that two ids never become one. */
export function attributeId(id: string): string {
  const wellFormed = id.toWellFormed();
  if (Buffer.byteLength(wellFormed) <= MAX_ATTRIBUTE_BYTES) return wellFormed;
  const hash = createHash('sha256').update(id, 'utf16le').digest('hex');
  return `${cutUtf8(wellFormed, MAX_ATTRIBUTE_BYTES - hash.length - 1)}#${hash}`;
}
