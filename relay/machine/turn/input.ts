import type { InboundFrame } from '../../protocol/ccs/frame.ts';
import type { Priority } from '../../protocol/legacy/message.ts';
import type { QueuedMessage } from '../../protocol/queue/queued.ts';
import type { StoredDelivery, Version } from '../../model/ports.ts';

/** A pulled Pub/Sub message, as the pump knows it. */
export type Lease = number;

/** Why a connection ended, as far as the next one depends on it. */
export type CloseKind = 'orderly' | 'refusedCredentials' | 'failed';

/** Facts. Everything that the relay ever learns comes in as one of these. */
export type Input =
  /** A message came out of the queue. `deliveryAttempt` counts from 1. */
  | {
      readonly kind: 'pulled';
      readonly lease: Lease;
      readonly lane: Priority;
      readonly queued: QueuedMessage;
      readonly deliveryAttempt: number;
    }
  /** Answers to `read`, `create` and `write`. `failed`: nobody knows what happened. */
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
  | { readonly kind: 'opened'; readonly connection: string }
  | { readonly kind: 'closed'; readonly connection: string; readonly how: CloseKind; readonly detail: string }
  /** `length` of the JSON that the frame came in; absent, it counts for nothing. */
  | { readonly kind: 'frame'; readonly connection: string; readonly frame: InboundFrame; readonly length?: number }
  /** Bytes came in, or a ping was answered: the far end lives. */
  | { readonly kind: 'heard'; readonly connection: string }
  /** The time that a `wake` asked for has come. */
  | { readonly kind: 'woke' }
  /** Finish what is pending within `withinMs`, give the rest back. */
  | { readonly kind: 'stop'; readonly withinMs: number };
