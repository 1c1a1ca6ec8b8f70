import type { Backend } from '../../backend.ts';
import { RememberedIds } from '../../collections/remembered-ids.ts';
import type { DownstreamMessage, Refusal } from '../../devices/message.ts';
import { RateWindow } from '../../devices/rates.ts';
import type { Session } from '../session/session.ts';
import type { Payload } from '../stanzas/payload.ts';
import type { Answer } from './plan.ts';
import { readMessage } from './read-message.ts';

export type DownstreamPayload = Extract<Payload, { kind: 'downstream' }>;

/** A message that CCS takes, and the devices it is for. */
export interface Accepted {
  readonly message: DownstreamMessage;
  readonly tokens: readonly string[];
}

export interface Decision {
  readonly answer: Answer;
  readonly accepted: Accepted | undefined;
}

const DUPLICATE = 'Message with the same id has been received before'; // [log], protocol §4
const RATE_EXCEEDED = 'Downstream message rate exceeded for this registration id';
const MINUTE_MS = 60_000;

const refusedBy = (refusal: Refusal): Decision => ({ answer: { kind: 'nack', refusal }, accepted: undefined });
export const nack = (error: string, description: string): Decision => refusedBy({ error, description });

/** Decides whether CCS accepts a downstream message; the first reason against it is the nack. */
export class Acceptance {
  readonly #backend: Backend;
  readonly #rememberedIds: number;
  readonly #received = new Map<string, RememberedIds>(); // by sender
  #topicRate: { readonly limit: number; readonly window: RateWindow } | undefined;

  constructor(backend: Backend, rememberedIds: number) {
    this.#backend = backend;
    this.#rememberedIds = rememberedIds;
  }

  clear(): void {
    this.#received.clear();
    this.#topicRate = undefined;
  }

  /** From now on the message id counts as received. */
  remember(sender: string, messageId: string): void {
    let ids = this.#received.get(sender);
    if (ids === undefined) this.#received.set(sender, (ids = new RememberedIds(this.#rememberedIds)));
    ids.add(messageId);
  }

  decide(session: Session, { messageId, json }: DownstreamPayload): Decision {
    const { history, devices, delivery, settings } = this.#backend;
    if (session.state === 'draining') {
      history.counters.whileDraining += 1;
      return nack('CONNECTION_DRAINING', 'Connection is draining');
    }
    if (this.#received.get(session.senderId)?.has(messageId) ?? false) return nack('INVALID_JSON', DUPLICATE);
    const message = readMessage(messageId, json);
    if ('error' in message) return refusedBy(message);
    const resolution = devices.resolve(message.target, session.senderId, settings.unknownTokens);
    if (resolution.kind === 'refused') return refusedBy(resolution.refusal);
    const { tokens, canonical } = resolution;
    if (message.target.kind === 'token' && !tokens.every((token) => delivery.withinRate(token)))
      return nack('DEVICE_MESSAGE_RATE_EXCEEDED', RATE_EXCEEDED);
    if (message.target.kind === 'topic' && !this.#withinTopicRate(message.target.topic))
      return nack('TOPICS_MESSAGE_RATE_EXCEEDED', 'Message rate exceeded for this topic');
    return { answer: { kind: 'ack', registrationId: canonical }, accepted: { message, tokens } };
  }

  #withinTopicRate(topic: string): boolean {
    const limit = this.#backend.settings.topicRatePerMinute;
    if (limit === null) return true;
    if (this.#topicRate?.limit !== limit) this.#topicRate = { limit, window: new RateWindow(limit, MINUTE_MS) };
    return this.#topicRate.window.take(topic, this.#backend.clock.now());
  }
}
