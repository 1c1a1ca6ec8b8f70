import type { Priority } from '../../protocol/legacy/message.ts';
import type { LinkReport } from '../../model/link.ts';
import type { Message } from '../../model/message.ts';
import type { StoredDelivery, Version } from '../../model/ports.ts';

/** A pulled Pub/Sub message, as the pump knows it. */
export type Lease = number;

/** Everything that the machine ever learns comes in as one of these. */
export type Input =
  /** A message came out of the queue. `deliveryAttempt` counts from 1. */
  | {
      readonly kind: 'pulled';
      readonly lease: Lease;
      readonly lane: Priority;
      readonly message: Message;
      readonly deliveryAttempt: number;
    }
  /** Answers to `read`, `create` and `write`. `storeFailed`: the outcome is unknown. */
  | { readonly kind: 'read'; readonly messageId: string; readonly stored: StoredDelivery | undefined }
  | { readonly kind: 'written'; readonly messageId: string; readonly version: Version }
  | { readonly kind: 'conflicted'; readonly messageId: string }
  | { readonly kind: 'storeFailed'; readonly messageId: string }
  /** Answers to `announce`. */
  | { readonly kind: 'announced'; readonly messageId: string }
  | { readonly kind: 'announceFailed'; readonly messageId: string }
  /** Answers to `publish`. */
  | { readonly kind: 'published'; readonly key: string }
  | { readonly kind: 'publishFailed'; readonly key: string }
  /** What the link of a connection reports. */
  | { readonly kind: 'link'; readonly connection: string; readonly report: LinkReport }
  /** The time that a `wake` asked for has come. */
  | { readonly kind: 'woke' }
  /** Finish what is pending within `withinMs`, hand the rest back. */
  | { readonly kind: 'stop'; readonly withinMs: number };
