/**
 * Whether a setting is no more than its text. A secret file's last line break, a blank behind a pasted key: it would be
 * refused elsewhere, or make another key, and nobody would see why.
 */
export const isBare = (value: string): boolean => value === value.trim() && !/\p{Cc}/u.test(value);
export const BARE = 'must not have surrounding white space, or line breaks or other control characters';
