import type { Content } from './message.ts';
import type { Verdict } from './verdict.ts';

/** What a transport can do. Code asks for these, never for a transport's name. */
export interface LinkTraits {
  /** FCM drops a repeat of a message id, so a resend cannot reach a device twice. */
  readonly dropsRepeats: boolean;
  readonly carriesUpstream: boolean;
  /** One unanswered message can be abandoned. Where it cannot, its connection has to be replaced. */
  readonly abandonsSingly: boolean;
}

export interface OutgoingMessage {
  readonly messageId: string;
  readonly content: Content;
}

/**
 * One connection to FCM. No call reports anything before it has returned, and none throws: on a link that is not open,
 * or is over, it does nothing.
 */
export interface Link {
  /** Answered by `accepted`, `refused`, `notProcessed` or `unknown`, or by the link's end. */
  send(message: OutgoingMessage, ttlSeconds: number): void;
  /** Acks an upstream message or receipt. Not counted against the limit. */
  ackUpstream(from: string, messageId: string): void;
  /** Stops waiting for an answer. Reported as `unknown` once its place is free. Needs `abandonsSingly`. */
  abandon(messageId: string): void;
  /** Asks for a sign of life. Reported as `heard`. */
  ping(): void;
  /** In good order, taking up to `graceMs` for what FCM still has to say. Resolves when it is over; never rejects. */
  close(graceMs: number): Promise<void>;
  /** At once: no socket and no timer is left. */
  destroy(): void;
}

/** Why a link ended, as far as the next one depends on it. */
export type CloseKind = 'orderly' | 'failed';

/**
 * What a link reports: `opened` once or never, `closed` exactly once, and nothing after it. A message that has no
 * answer by then has an unknown outcome.
 */
export type LinkReport =
  /** Messages may be sent, at most `limit` of them unanswered at a time. */
  | { readonly kind: 'opened'; readonly limit: number }
  | { readonly kind: 'limitChanged'; readonly limit: number }
  /** Closed for want of traffic; the next send opens it again. Its silence means nothing. */
  | { readonly kind: 'idle' }
  /** A sign of life, at most one a second but for the answer to a ping. */
  | { readonly kind: 'heard' }
  | Accepted
  | Refused
  /** Certainly not taken by FCM. */
  | { readonly kind: 'notProcessed'; readonly messageId: string }
  /** FCM may have it or not. */
  | { readonly kind: 'unknown'; readonly messageId: string }
  /** At any time; a link that cannot open for it reports it before `closed`. */
  | { readonly kind: 'credentialsRefused'; readonly detail: string }
  | UpstreamMessage
  | Receipt
  /** FCM is about to close it: nothing new is taken, answers still come. */
  | { readonly kind: 'draining' }
  /** Something that the protocol does not know. Never holds a payload. */
  | { readonly kind: 'unrecognized'; readonly reason: string }
  /** FCM refused something that is not a message of ours, such as an ack: a defect of the relay. */
  | { readonly kind: 'defect'; readonly what: string }
  /** `detail` is for people: never a key or a token. */
  | { readonly kind: 'closed'; readonly how: CloseKind; readonly detail: string };

export interface Accepted {
  readonly kind: 'accepted';
  readonly messageId: string;
  /** FCM's own name for it. */
  readonly name?: string;
  /** The token that replaces the one used. */
  readonly canonicalToken?: string;
}

export interface Refused {
  readonly kind: 'refused';
  readonly messageId: string;
  readonly verdict: Verdict;
  /** As documents and events show it: a word from a table, never FCM's own text. */
  readonly code: string;
  /** For people, from a table as well. */
  readonly description?: string;
  readonly retryAfterMs?: number;
}

export interface UpstreamMessage {
  readonly kind: 'upstream';
  readonly messageId: string;
  /** The device's registration token; the ack names it. */
  readonly from: string;
  readonly category?: string;
  /** As it came: usually an object, but it may be anything. `{}` where there is none. */
  readonly data: unknown;
  /** Of the text that it came in, in UTF-16 code units: what holding it costs. */
  readonly length: number;
}

export interface Receipt {
  readonly kind: 'receipt';
  readonly messageId: string;
  readonly from: string;
  readonly originalMessageId?: string;
  readonly status?: string;
  readonly data: unknown;
  readonly length: number;
}

export type OnReport = (report: LinkReport) => void;

/** A way to FCM. `connect` begins to open a link; what comes of it is reported, never from within the call. */
export interface Transport {
  readonly traits: LinkTraits;
  readonly connect: (report: OnReport) => Link;
}
