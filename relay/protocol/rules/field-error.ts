/** One bad field of a request. Every bad field of a request is reported at once. */
export interface FieldError {
  /**
   * Where, with dots: `notification.color`, `data.from`; the whole request is `""`. A long key of the caller's is cut.
   */
  readonly path: string;
  /** Stable, for programs. */
  readonly code: FieldErrorCode;
  /** For people: what was found, what is wanted. Never contains a registration token or a payload value. */
  readonly message: string;
}

export const FIELD_ERROR_CODES = [
  'REQUIRED', // a field that must be there is not
  'WRONG_TYPE', // another JSON type
  'UNKNOWN_FIELD', // not in table 1 or 2
  'OUT_OF_RANGE', // time_to_live
  'NOT_ALLOWED', // not one of the listed values
  'MALFORMED', // right type, wrong form: a token, a topic name, a colour, a URL, a message id
  'TARGET_MISSING', // neither `to` nor `condition`
  'TARGET_AMBIGUOUS', // both `to` and `condition`
  'RESERVED_KEY', // a data key that FCM keeps for itself
  'CONDITION_SYNTAX', // the condition does not parse
  'CONDITION_TOO_COMPLEX', // more than 2 operators
  'TOO_LARGE', // the payload, a collapse key or a condition, in UTF-8 bytes
  'TOO_MANY', // more entries than allowed
  'UNKNOWN_SENDER', // sender_id is not one that this relay serves
] as const;
export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `messageId` when the input carries a usable one, so that its fate can be recorded. */
  | { readonly ok: false; readonly errors: readonly FieldError[]; readonly messageId?: string };
