import type { TerminalState } from './record.ts';

/**
 * What the relay tells others (design.md, Pub/Sub): CloudEvents 1.0. `fcm.message.dead`, `fcm.message.cancelled` and
 * `fcm.message.receipt` are ours beside the contract's six: every terminal state has its event, and no receipt is lost.
 */
export type RelayEvent = DeliveryEvent | RegistrationEvent | UpstreamEvent | ReceiptEvent;

interface EventHead {
  /** `ce-id`: the same fact always has the same id, so that a consumer can drop repeats. */
  readonly id: string;
  readonly senderId: string;
  /** `ce-time`, milliseconds since 1970. */
  readonly timeMs: number;
  /** `ce-owner`: who handed the message in, where there is one and it is known. */
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

/** → fcm-delivery-events. Carries tokens in clear: the consumer must be able to remove them from its own tables. */
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

/** Which topic of design.md's table an event goes to. */
export const topicOf = (event: RelayEvent): 'fcm-upstream' | 'fcm-delivery-events' =>
  event.type === 'fcm.upstream.received' ? 'fcm-upstream' : 'fcm-delivery-events';
