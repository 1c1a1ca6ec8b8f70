import type { Settings } from '../options.ts';
import type { Session } from '../session/session.ts';
import type { ClientStanza } from '../wire/client-stanza.ts';
import type { CcsFrame } from '../wire/frames.ts';
import type { Json, Payload } from '../wire/payload.ts';
import { drawDelayMs } from '../time/delay.ts';
import type { Delivery } from '../devices/delivery.ts';
import type { Devices } from '../devices/devices.ts';
import type { Events } from '../devices/events.ts';
import type { Faults } from '../faults/faults.ts';
import type { History } from '../devices/history.ts';
import { bend, planOf, type Answer, type ConnectionFault, type Plan } from '../faults/plan.ts';
import type { Random } from '../time/random.ts';
import { RateWindow } from '../devices/rates.ts';
import { RememberedIds } from '../collections/remembered-ids.ts';
import type { Schedule } from '../time/schedule.ts';
import { validate, type Downstream, type Refusal } from '../devices/validation.ts';

type MessageStanza = Extract<ClientStanza, { kind: 'message' }>;
type DownstreamPayload = Extract<Payload, { kind: 'downstream' }>;

/** A message that CCS is willing to take, and where to. */
interface Accepted {
  readonly message: Downstream;
  readonly tokens: readonly string[];
}

interface Judgement {
  readonly answer: Answer;
  readonly accepted: Accepted | undefined;
}

export interface DownstreamHost {
  readonly devices: Devices;
  readonly delivery: Delivery;
  readonly faults: Faults;
  readonly history: History;
  readonly events: Events;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly rememberedIds: number;
  settings(): Settings;
  now(): number;
  break(session: Session, fault: ConnectionFault): void;
}

const DUPLICATE = 'Message with the same id has been received before'; // [log], protocol §4
const RATE_EXCEEDED = 'Downstream message rate exceeded for this registration id';
const MINUTE_MS = 60_000;

const nack = (error: string, description: string): Judgement => ({
  answer: { kind: 'nack', refusal: { error, description } },
  accepted: undefined,
});
const refusedBy = ({ error, description }: Refusal): Judgement => nack(error, description);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** `from` of an answer: whom the message was for (protocol §4). */
const addressee = (json: Json): string => text(json['to']) ?? text(json['condition']) ?? '';

function answerName(answer: Answer | undefined): string {
  if (answer === undefined) return 'none';
  if (answer.kind === 'nack') return answer.refusal.error;
  return answer.kind === 'ack' ? 'ack' : 'stanza error';
}

/** What becomes of a downstream message: judged, bent by the rules, delivered, answered after its delay. */
export class DownstreamDesk {
  readonly #host: DownstreamHost;
  readonly #seen = new Map<string, RememberedIds>();
  #topicRate: { readonly limit: number; readonly window: RateWindow } | undefined;

  constructor(host: DownstreamHost) {
    this.#host = host;
  }

  clear(): void {
    this.#seen.clear();
    this.#topicRate = undefined;
  }

  /** Neither JSON nor a message id: answered by a stanza error, at once (protocol §2). */
  unreadable(session: Session, stanza: MessageStanza, description: string): void {
    const error = { code: '400', type: 'modify', condition: 'bad-request', text: description };
    this.#record(session, '', stanza, 'stanza error');
    session.admit();
    session.answer(session.stanzaError(stanza.id, stanza.payload, error));
  }

  take(session: Session, stanza: MessageStanza, payload: DownstreamPayload): void {
    const { pendingLimit, overLimit, latencyMs } = this.#host.settings();
    const past = session.admit() > pendingLimit;
    if (past) this.#host.history.counters.pastPendingLimit += 1;
    if (past && overLimit === 'close') {
      return session.fail('policy-violation', `more than ${pendingLimit} messages without an answer`);
    }
    const judgement =
      past && overLimit === 'nack'
        ? nack('SERVICE_UNAVAILABLE', 'Too many pending messages')
        : this.#judge(session, payload);
    const plan = this.#bent(session, payload, judgement);
    if (plan.accept && judgement.accepted !== undefined) this.#accept(session, judgement.accepted);
    this.#record(session, payload.messageId, stanza, answerName(plan.answer));
    const delayMs = plan.delayMs + drawDelayMs(latencyMs, this.#host.random);
    const give = (): void => this.#give(session, stanza, payload, plan);
    if (delayMs === 0) give();
    else this.#host.schedule.after(delayMs, give);
  }

  #judge(session: Session, { messageId, json }: DownstreamPayload): Judgement {
    if (session.state === 'draining') {
      this.#host.history.counters.whileDraining += 1;
      return nack('CONNECTION_DRAINING', 'Connection is draining');
    }
    if (this.#seen.get(session.senderId)?.has(messageId) ?? false) return nack('INVALID_JSON', DUPLICATE);
    const message = validate(messageId, json);
    if ('error' in message) return refusedBy(message);
    const resolution = this.#host.devices.resolve(
      message.target,
      session.senderId,
      this.#host.settings().unknownTokens,
    );
    if (resolution.kind === 'refused') return refusedBy(resolution.refusal);
    const { tokens, canonical } = resolution;
    if (message.target.kind === 'token' && !tokens.every((token) => this.#host.delivery.withinRate(token)))
      return nack('DEVICE_MESSAGE_RATE_EXCEEDED', RATE_EXCEEDED);
    if (message.target.kind === 'topic' && !this.#withinTopicRate(message.target.topic))
      return nack('TOPICS_MESSAGE_RATE_EXCEEDED', 'Message rate exceeded for this topic');
    return { answer: { kind: 'ack', registrationId: canonical }, accepted: { message, tokens } };
  }

  /** The plan for a message, after the rules that match it. A draining connection has no say left but its own nack. */
  #bent(session: Session, { messageId, json }: DownstreamPayload, { answer }: Judgement): Plan {
    const plan = planOf(answer);
    const { faults, random } = this.#host;
    if (faults.isEmpty || session.state === 'draining') return plan;
    const to = text(json['to']);
    const topic = to?.startsWith('/topics/') === true ? to.slice('/topics/'.length) : undefined;
    const traffic = {
      sender: session.senderId,
      connection: session.id,
      messageId,
      token: to,
      topic,
      collapseKey: text(json['collapse_key']),
    };
    for (const fault of faults.hit(traffic, this.#host.now())) {
      bend(plan, fault, random);
      this.#host.events.emit(() => ({ type: 'fault', connection: session.id, messageId, fault: fault.kind }));
    }
    return plan;
  }

  #accept(session: Session, { message, tokens }: Accepted): void {
    let seen = this.#seen.get(session.senderId);
    if (seen === undefined) this.#seen.set(session.senderId, (seen = new RememberedIds(this.#host.rememberedIds)));
    seen.add(message.messageId);
    this.#host.history.counters.accepted += 1;
    if (!message.dryRun) this.#host.delivery.deliver(message, session.senderId, tokens);
  }

  #give(
    session: Session,
    stanza: MessageStanza,
    payload: DownstreamPayload,
    { answer, copies, connectionFaults }: Plan,
  ): void {
    for (const fault of connectionFaults) if (fault.when === 'before') this.#host.break(session, fault);
    if (answer !== undefined) {
      const frame = this.#frame(session, stanza, payload, answer);
      session.answer(frame);
      for (let copy = 1; copy < copies; copy += 1) session.send(frame);
    }
    for (const fault of connectionFaults) if (fault.when === 'after') this.#host.break(session, fault);
  }

  #frame(session: Session, stanza: MessageStanza, { messageId, json }: DownstreamPayload, answer: Answer): CcsFrame {
    const from = addressee(json);
    switch (answer.kind) {
      case 'ack':
        return { kind: 'ack', messageId, from, registrationId: answer.registrationId };
      case 'nack':
        return { kind: 'nack', messageId, from, error: answer.refusal.error, description: answer.refusal.description };
      case 'stanzaError':
        return session.stanzaError(stanza.id, stanza.payload, answer.error);
    }
  }

  #withinTopicRate(topic: string): boolean {
    const limit = this.#host.settings().topicRatePerMinute;
    if (limit === null) return true;
    if (this.#topicRate?.limit !== limit) this.#topicRate = { limit, window: new RateWindow(limit, MINUTE_MS) };
    return this.#topicRate.window.take(topic, this.#host.now());
  }

  #record(session: Session, messageId: string, stanza: MessageStanza, answer: string): void {
    this.#host.history.record({
      messageId,
      connection: session.id,
      at: this.#host.now(),
      json: stanza.payload ?? '',
      answer,
    });
    this.#host.events.emit(() => ({ type: 'downstream', connection: session.id, messageId, answer }));
  }
}
