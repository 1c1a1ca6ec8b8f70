import type { Condition } from './condition.ts';

export type Target =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'condition'; readonly text: string; readonly condition: Condition };

/** A downstream message whose fields have been checked. */
export interface DownstreamMessage {
  readonly messageId: string;
  readonly target: Target;
  readonly collapseKey: string | undefined;
  readonly priority: 'normal' | 'high';
  readonly ttlSeconds: number;
  readonly dryRun: boolean;
  readonly receipt: boolean;
  readonly data: Readonly<Record<string, string>> | undefined;
  readonly notification: Readonly<Record<string, unknown>> | undefined;
}

/** Why a message is not accepted: FCM's error code (protocol §4) and its text. */
export interface Refusal {
  readonly error: string;
  readonly description: string;
}

export const badRegistration = (token: string): Refusal => ({
  error: 'BAD_REGISTRATION',
  description: `Invalid token on 'to' field: ${token}`,
});
