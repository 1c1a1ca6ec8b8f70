/**
 * The id is also the name of the message's document, so Firestore's rules apply: no `/`, not `.` or `..`, not `__…__`.
 * Printable ASCII, because it travels in an XML attribute, in URLs and in logs.
 */
const MESSAGE_ID = /^(?!\.{1,2}$)(?!__.*__$)[\x20-\x2e\x30-\x7e]{1,255}$/;

export const isMessageId = (value: unknown): value is string => typeof value === 'string' && MESSAGE_ID.test(value);
