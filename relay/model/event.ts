import type { TerminalState } from './record.ts';

/**
 * The relay's events (design §3): CloudEvents 1.0. `fcm.message.dead`, `fcm.message.cancelled` and
 * `fcm.message.receipt` go beyond the contract: every terminal state has an event, and no receipt is lost.
 */
export type RelayEvent = DeliveryEvent | RegistrationEvent | UpstreamEvent | ReceiptEvent;

interface EventHead {
  /** `ce-id`: the same for the same fact, so consumers can drop repeats. */
  readonly id: string;
  readonly senderId: string;
  /** `ce-time`, milliseconds since 1970. */
  readonly timeMs: number;
  /** `ce-owner`: who handed the message in, if known. */
  readonly owner?: string;
}

/** → fcm-delivery-events */
export interface DeliveryEvent extends EventHead {
  readonly type: `fcm.message.${TerminalState}`;
  readonly data: {
    readonly sender_id: string;
    readonly message_id: string;
    readonly state: TerminalState;
    readonly attempts: number;
    readonly error?: string;
    readonly error_description?: string;
  };
}

/** → fcm-delivery-events. Carries tokens in clear: the consumer must remove them from its own tables. */
export interface RegistrationEvent extends EventHead {
  readonly type: 'fcm.registration.unregistered' | 'fcm.registration.replaced';
  readonly data: {
    readonly sender_id: string;
    readonly message_id: string;
    readonly registration_token: string;
    /** `DEVICE_UNREGISTERED` or `BAD_REGISTRATION`. */
    readonly error?: string;
    readonly canonical_registration_token?: string;
  };
}

/** → fcm-upstream */
export interface UpstreamEvent extends EventHead {
  readonly type: 'fcm.upstream.received';
  readonly data: {
    readonly sender_id: string;
    readonly message_id: string;
    readonly from: string;
    readonly category: string | null;
    readonly data: unknown;
    /** ISO 8601. */
    readonly received_at: string;
  };
}

/** → fcm-delivery-events */
export interface ReceiptEvent extends EventHead {
  readonly type: 'fcm.message.receipt';
  readonly data: {
    readonly sender_id: string;
    readonly message_id: string | null;
    readonly status: string | null;
    readonly data: unknown;
  };
}

/** The topic an event goes to (design §3). */
export const topicOf = (event: RelayEvent): 'fcm-upstream' | 'fcm-delivery-events' =>
  event.type === 'fcm.upstream.received' ? 'fcm-upstream' : 'fcm-delivery-events';
