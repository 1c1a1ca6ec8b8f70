/**
 * Whether a setting is free of stray white space. A trailing line break of a secret file, or a blank after a pasted
 * key, would be refused elsewhere or make a different key, for no visible reason.
 */
export const isBare = (value: string): boolean => value === value.trim() && !/\p{Cc}/u.test(value);
export const BARE = 'must not have surrounding white space, or line breaks or other control characters';
