import type { FieldErrorCode } from '../rules/field-error.ts';
import { NOTIFICATION_FIELDS } from './notification.ts';
import { LEGACY_FIELDS } from './legacy-fields.ts';

/**
 * Names of protocol §3, and those that people bring along from other FCM protocols. Any other name is its caller's own.
 */
const NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(LEGACY_FIELDS),
  ...NOTIFICATION_FIELDS,
  'sender_id',
  ...['registration_id', 'registration_ids', 'restricted_package_name', 'ttl', 'channel_id'],
  ...['message', 'token', 'topic', 'android', 'apns', 'webpush', 'fcm_options', 'validate_only'],
  ...['from', 'message_type', 'google', 'gcm'],
]);
export const isKnownName = (name: string): boolean => NAMES.has(name);

/** Only under these the last part of a path is a key of the caller's: it may be anything, a token or a payload too. */
const NAMES_A_KEY: ReadonlySet<string> = new Set<FieldErrorCode>(['UNKNOWN_FIELD', 'RESERVED_KEY']);
const PARENTS = /^(?:message\.)?(?:(?:data|notification)\.)?/;

/** A path as documents, events and logs may hold it: a name that the protocol does not know is `?`. */
export function shownPath({ path, code }: { readonly path: string; readonly code: string }): string {
  if (path === '') return 'request';
  if (!NAMES_A_KEY.has(code)) return path;
  const [parent = ''] = PARENTS.exec(path) ?? [];
  const name = path.slice(parent.length);
  return `${parent}${isKnownName(name) ? name : '?'}`;
}
