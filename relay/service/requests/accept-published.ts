import { canonicalContent } from '../../protocol/legacy/content.ts';
import type { FieldError } from '../../protocol/rules/field-error.ts';
import type { DownstreamRequest } from '../../protocol/legacy/message.ts';
import { accept, type AcceptPorts, type Origin } from '../accept/accept.ts';
import { keyOf } from '../../model/new-record.ts';
import { conflictEvent } from '../../model/delivery-event.ts';
import { readPublished, type PublishedRequest, type RefusedRequest } from './read-published.ts';
import { recordExpired } from './record-expired.ts';
import { describeErrors, recordRefusal, refusedContent } from './record-refusal.ts';
import type { DeadLetter, DeadLetters, EventPublisher, MessageKey } from '../../model/ports.ts';

/**
 * Requests that arrive over Pub/Sub. No caller waits for an answer, so a refusal is recorded in the message's document
 * and published; if its id belongs to another message it is only published; without an id it becomes a dead letter. A
 * valid request that cannot be accepted now is redelivered.
 */
export interface PublishedPorts extends AcceptPorts {
  readonly events: EventPublisher;
  readonly deadLetters: DeadLetters;
}

export interface RequestSource {
  readonly senders: readonly string[];
  /** The topic requests come from; dead letters name it. */
  readonly origin: string;
}

export type PublishedOutcome =
  | { readonly outcome: 'accepted' | 'repeated'; readonly key: MessageKey }
  /** Its time_to_live ended first: recorded as `expired`, not queued. */
  | { readonly outcome: 'expired'; readonly key: MessageKey }
  /** Recorded as `nacked`. */
  | { readonly outcome: 'refused'; readonly key: MessageKey; readonly errors: readonly FieldError[] }
  /** Its id belongs to another message, which is unchanged; an event reports it. */
  | { readonly outcome: 'conflict'; readonly key: MessageKey }
  | { readonly outcome: 'deadLettered'; readonly reason: RequestReason };

/** Why a request became a dead letter before it was a message: `settleDead` leaves documents under its id alone. */
export const REQUEST_REASONS = ['NOT_JSON', 'INVALID_REQUEST'] as const;
export type RequestReason = (typeof REQUEST_REASONS)[number];

/** The request was not accepted and its outcome is unknown: Pub/Sub should redeliver it. */
export class NotTakenError extends Error {
  readonly code = 'NOT_TAKEN';
  override readonly name = 'NotTakenError';
}

const PUBLISHED = { owner: 'system:pubsub' } as const;

/** Rejects when the request should be redelivered. A second delivery changes nothing. */
export async function acceptPublished(
  ports: PublishedPorts,
  source: RequestSource,
  published: PublishedRequest,
): Promise<PublishedOutcome> {
  const read = readPublished(published, source.senders);
  const { data: payload, attributes } = published;
  const letter = { payload, origin: source.origin, ...(attributes !== undefined && { attributes }) };
  switch (read.kind) {
    case 'notJson':
      return await deadLetter(ports, { ...letter, ...senderOf(published, source), detail: read.detail }, 'NOT_JSON');
    case 'request':
      return await acceptRequest(ports, read.request, acceptedAtMs(published, ports.now()));
    case 'refused':
      return await refuse(ports, read, letter);
  }
}

/**
 * Pub/Sub has had the request since its publish time, so time_to_live counts from there. An impossible time counts as
 * now.
 */
const acceptedAtMs = ({ publishedAtMs }: PublishedRequest, nowMs: number): number =>
  publishedAtMs > 0 && publishedAtMs <= nowMs ? publishedAtMs : nowMs;

/** Kept on the letter for a replay. */
const senderOf = ({ senderId }: PublishedRequest, { senders }: RequestSource): { readonly senderId?: string } =>
  senderId !== undefined && senders.includes(senderId) ? { senderId } : {};

type Letter = Pick<DeadLetter, 'payload' | 'origin' | 'attributes'>;

async function acceptRequest(
  ports: PublishedPorts,
  request: DownstreamRequest,
  acceptedAtMs: number,
): Promise<PublishedOutcome> {
  const origin: Origin = { ...PUBLISHED, acceptedAtMs };
  const key = keyOf(request);
  if (await recordExpired(ports, origin, request)) return { outcome: 'expired', key };
  const acceptance = await accept(ports, origin, request);
  switch (acceptance.outcome) {
    case 'accepted':
    case 'repeated':
      return { outcome: acceptance.outcome, key };
    case 'conflict':
      return await publishConflict(ports, key, canonicalContent(request));
    case 'unavailable':
      throw new NotTakenError('the request could not be stored and queued', { cause: acceptance.cause });
  }
}

async function refuse(ports: PublishedPorts, refused: RefusedRequest, letter: Letter): Promise<PublishedOutcome> {
  const { messageId, senderId, errors } = refused;
  if (messageId === undefined || senderId === undefined) {
    return await deadLetter(
      ports,
      {
        ...letter,
        ...(messageId !== undefined && { messageId }),
        ...(senderId !== undefined && { senderId }),
        detail: describeErrors(errors),
      },
      'INVALID_REQUEST',
    );
  }
  const key = { senderId, messageId };
  if (await recordRefusal(ports, key, { refused, data: letter.payload })) return { outcome: 'refused', key, errors };
  return await publishConflict(ports, key, refusedContent(letter.payload));
}

async function publishConflict(
  { events, hash, now }: PublishedPorts,
  key: MessageKey,
  content: string,
): Promise<PublishedOutcome> {
  await events.publish(conflictEvent(key, { contentHash: hash(content), owner: PUBLISHED.owner, atMs: now() }));
  return { outcome: 'conflict', key };
}

async function deadLetter(
  ports: PublishedPorts,
  letter: Omit<DeadLetter, 'reason'>,
  reason: RequestReason,
): Promise<PublishedOutcome> {
  await ports.deadLetters.put({ ...letter, reason });
  return { outcome: 'deadLettered', reason };
}
