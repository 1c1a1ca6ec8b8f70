import type { FieldErrorCode } from '../rules/field-error.ts';
import { NOTIFICATION_FIELDS } from './notification.ts';
import { LEGACY_FIELDS } from './legacy-fields.ts';

/** Names of protocol §3, and common ones from other FCM protocols. Any other name is the caller's own. */
const NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(LEGACY_FIELDS),
  ...NOTIFICATION_FIELDS,
  'sender_id',
  ...['registration_id', 'registration_ids', 'restricted_package_name', 'ttl', 'channel_id'],
  ...['message', 'token', 'topic', 'android', 'apns', 'webpush', 'fcm_options', 'validate_only'],
  ...['from', 'message_type', 'google', 'gcm'],
]);
export const isKnownName = (name: string): boolean => NAMES.has(name);

/** Codes under which the last part of a path is a caller's key, which may be anything, even a token or a payload. */
const NAMES_A_KEY: ReadonlySet<string> = new Set<FieldErrorCode>(['UNKNOWN_FIELD', 'RESERVED_KEY']);
const PARENTS = /^(?:message\.)?(?:(?:data|notification)\.)?/;

/** A path safe for documents, events and logs: a name the protocol does not define becomes `?`. */
export function shownPath({ path, code }: { readonly path: string; readonly code: string }): string {
  if (path === '') return 'request';
  if (!NAMES_A_KEY.has(code)) return path;
  const [parent = ''] = PARENTS.exec(path) ?? [];
  const name = path.slice(parent.length);
  return `${parent}${isKnownName(name) ? name : '?'}`;
}
