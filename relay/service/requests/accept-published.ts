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
 * The way in through Pub/Sub. Nobody waits for an answer here, so a bad request is told of in its document and by an
 * event when it can be named, by an event alone when its id belongs to another message, and is kept as a dead letter
 * when it has no id; a good one that cannot be taken now comes again.
 */
export interface PublishedPorts extends AcceptPorts {
  readonly events: EventPublisher;
  readonly deadLetters: DeadLetters;
}

export interface RequestSource {
  readonly senders: readonly string[];
  /** The topic that requests come from: where a dead letter says it was. */
  readonly origin: string;
}

export type PublishedOutcome =
  | { readonly outcome: 'accepted' | 'repeated'; readonly key: MessageKey }
  /** Its time was over before it was taken: recorded as `expired`, and not queued. */
  | { readonly outcome: 'expired'; readonly key: MessageKey }
  /** Recorded as `nacked`. */
  | { readonly outcome: 'refused'; readonly key: MessageKey; readonly errors: readonly FieldError[] }
  /** Its id belongs to another message, which is left alone; told of by an event. */
  | { readonly outcome: 'conflict'; readonly key: MessageKey }
  | { readonly outcome: 'deadLettered'; readonly reason: RequestReason };

/**
 * Why a request became a dead letter before it ever was a message: `settleDead` leaves documents alone that bear its
 * id.
 */
export const REQUEST_REASONS = ['NOT_JSON', 'INVALID_REQUEST'] as const;
export type RequestReason = (typeof REQUEST_REASONS)[number];

/** The request was not taken, and nothing is known of it: let Pub/Sub deliver it again. */
export class NotTakenError extends Error {
  readonly code = 'NOT_TAKEN';
  override readonly name = 'NotTakenError';
}

const PUBLISHED = { owner: 'system:pubsub' } as const;

/** Rejects when the request is to be delivered again. A request delivered twice changes nothing the second time. */
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

/** Pub/Sub has it since it was published, and its time_to_live runs since. A time that cannot be counts as now. */
const acceptedAtMs = ({ publishedAtMs }: PublishedRequest, nowMs: number): number =>
  publishedAtMs > 0 && publishedAtMs <= nowMs ? publishedAtMs : nowMs;

/** Kept on the letter, so that a replay knows it too. */
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
