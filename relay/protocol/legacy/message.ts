/**
 * A downstream message as FCM takes it (protocol §3, tables 1 and 2), parsed and normalised: `time_to_live` and
 * `priority` are always set, data values are strings, `*_loc_args` is JSON text, `badge` a string. Absent options stay
 * absent. Field names are those of the wire.
 */
export interface DownstreamMessage {
  readonly message_id: string;
  readonly to?: string;
  readonly condition?: string;
  readonly collapse_key?: string;
  readonly priority: Priority;
  readonly content_available?: boolean;
  readonly mutable_content?: boolean;
  /** Seconds, 0 … 2 419 200. */
  readonly time_to_live: number;
  readonly dry_run?: boolean;
  readonly delivery_receipt_requested?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly notification?: Readonly<Record<string, string>>;
}

export type Priority = 'high' | 'normal';

/** One request: the message, and the sender that sends it. */
export interface DownstreamRequest {
  readonly senderId: string;
  readonly message: DownstreamMessage;
}

/** The addressee. A device group's notification key cannot be told from a token with certainty: see target.ts. */
export type Target =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'condition'; readonly condition: string }
  | { readonly kind: 'group'; readonly key: string };

export const MAX_TTL_SECONDS = 2_419_200; // protocol §3: four weeks
