import type { FieldError } from '../protocol/field-error.ts';
import type { DownstreamRequest } from '../protocol/message.ts';
import { accept, type AcceptPorts } from './accept.ts';
import { keyOf } from './accept-record.ts';
import { readPublished, type PublishedRequest, type RefusedRequest } from './intake-published.ts';
import { describeErrors, recordRefusal } from './intake-refuse.ts';
import type { DeadLetter, DeadLetters, EventPublisher, MessageKey } from './ports.ts';

/**
 * The way in through Pub/Sub. Nobody waits for an answer here, so a bad request is told of in its document and by an event
 * when it can be named, and is kept as a dead letter otherwise; a good one that cannot be taken now comes again.
 */
export interface IntakePorts extends AcceptPorts {
  readonly events: EventPublisher;
  readonly deadLetters: DeadLetters;
}

export interface Intake {
  readonly senders: readonly string[];
  /** The topic that requests come from: where a dead letter says it was. */
  readonly origin: string;
}

export type Taken =
  | { readonly outcome: 'accepted' | 'repeated'; readonly key: MessageKey }
  /** Recorded as `nacked`. */
  | { readonly outcome: 'refused'; readonly key: MessageKey; readonly errors: readonly FieldError[] }
  | { readonly outcome: 'deadLettered'; readonly reason: IntakeReason };

/** Why a request became a dead letter before it ever was a message: `settleDead` leaves documents alone that bear its id. */
export const INTAKE_REASONS = ['NOT_JSON', 'INVALID_REQUEST', 'MESSAGE_ID_CONFLICT'] as const;
export type IntakeReason = (typeof INTAKE_REASONS)[number];

/** The request was not taken, and nothing is known of it: let Pub/Sub deliver it again. */
export class NotTakenError extends Error {
  readonly code = 'NOT_TAKEN';
  override readonly name = 'NotTakenError';
}

const PUBLISHED = { owner: 'system:pubsub' } as const;

/** Rejects when the request is to be delivered again. A request delivered twice changes nothing the second time. */
export async function takePublished(ports: IntakePorts, intake: Intake, published: PublishedRequest): Promise<Taken> {
  const read = readPublished(published, intake.senders);
  const letter = { payload: published.data, origin: intake.origin };
  switch (read.kind) {
    case 'notJson':
      return await bury(ports, { ...letter, ...senderOf(published, intake), detail: read.detail }, 'NOT_JSON');
    case 'request':
      return await take(ports, read.request, letter);
    case 'refused':
      return await refuse(ports, read, letter);
  }
}

/** Kept on the letter, so that a replay knows it too. */
const senderOf = ({ senderId }: PublishedRequest, { senders }: Intake): { readonly senderId?: string } =>
  senderId !== undefined && senders.includes(senderId) ? { senderId } : {};

type Letter = Pick<DeadLetter, 'payload' | 'origin'>;

async function take(ports: IntakePorts, request: DownstreamRequest, letter: Letter): Promise<Taken> {
  const acceptance = await accept(ports, PUBLISHED, request);
  const key = keyOf(request);
  switch (acceptance.outcome) {
    case 'accepted':
    case 'repeated':
      return { outcome: acceptance.outcome, key };
    case 'conflict':
      return await bury(ports, { ...letter, ...key, detail: IN_USE }, 'MESSAGE_ID_CONFLICT');
    case 'unavailable':
      throw new NotTakenError('the request could not be stored and queued', { cause: acceptance.cause });
  }
}

async function refuse(ports: IntakePorts, refused: RefusedRequest, letter: Letter): Promise<Taken> {
  const { messageId, senderId, errors } = refused;
  if (messageId === undefined || senderId === undefined) {
    return await bury(ports, { ...letter, ...(messageId !== undefined && { messageId }), ...(senderId !== undefined && { senderId }), detail: describeErrors(errors) }, 'INVALID_REQUEST');
  }
  const key = { senderId, messageId };
  if (await recordRefusal(ports, key, { refused, data: letter.payload })) return { outcome: 'refused', key, errors };
  return await bury(ports, { ...letter, ...key, detail: IN_USE }, 'MESSAGE_ID_CONFLICT');
}

const IN_USE = 'the message_id belongs to another message';

async function bury(ports: IntakePorts, letter: Omit<DeadLetter, 'reason'>, reason: IntakeReason): Promise<Taken> {
  await ports.deadLetters.put({ ...letter, reason });
  return { outcome: 'deadLettered', reason };
}
