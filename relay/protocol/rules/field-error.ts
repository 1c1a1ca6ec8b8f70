/** One invalid field. All invalid fields of a request are reported at once. */
export interface FieldError {
  /** Dotted: `notification.color`, `data.from`; `""` is the whole request. A caller's long key is cut. */
  readonly path: string;
  /** Stable, for programs. */
  readonly code: FieldErrorCode;
  /** For people. Never contains a registration token or a payload value. */
  readonly message: string;
}

export const FIELD_ERROR_CODES = [
  'REQUIRED', // missing
  'WRONG_TYPE', // wrong JSON type
  'UNKNOWN_FIELD', // not in tables 1 and 2
  'OUT_OF_RANGE', // time_to_live
  'NOT_ALLOWED', // not one of the allowed values
  'MALFORMED', // right type, wrong form: a token, topic name, colour, URL or message id
  'TARGET_MISSING', // neither `to` nor `condition`
  'TARGET_AMBIGUOUS', // both `to` and `condition`
  'RESERVED_KEY', // a data key reserved by FCM
  'CONDITION_SYNTAX', // the condition does not parse
  'CONDITION_TOO_COMPLEX', // more than 2 operators
  'TOO_LARGE', // the payload, a collapse key or a condition, in UTF-8 bytes
  'TOO_MANY', // more entries than allowed
  'UNKNOWN_SENDER', // sender_id is not served
] as const;
export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `messageId` if the input has a valid one, so that its outcome can be recorded. */
  | { readonly ok: false; readonly errors: readonly FieldError[]; readonly messageId?: string };
