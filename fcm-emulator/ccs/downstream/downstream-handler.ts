import type { Backend } from '../../backend.ts';
import type { Json } from '../../json/json.ts';
import { drawDelayMs } from '../../time/delay.ts';
import type { Random } from '../../time/random.ts';
import type { Session } from '../session/session.ts';
import type { ClientStanza } from '../stanzas/client-stanza.ts';
import type { ServerFrame } from '../stanzas/server-frame.ts';
import { Acceptance, nack, type Accepted, type Decision, type DownstreamPayload } from './acceptance.ts';
import { TOPIC_PREFIX } from './field-checks.ts';
import { applyFault, planOf, type Answer, type ConnectionFault, type Plan } from './plan.ts';

type MessageStanza = Extract<ClientStanza, { kind: 'message' }>;

/** One downstream message and where it came from. */
interface Request {
  readonly session: Session;
  readonly stanza: MessageStanza;
  readonly payload: DownstreamPayload;
}

export interface DownstreamOptions {
  /** How many message ids are at least remembered as received, per sender. */
  readonly rememberedIds: number;
  /** Applies a fault to a connection. */
  readonly applyToConnection: (session: Session, fault: ConnectionFault) => void;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** `from` of an answer: the message's target (protocol §4). */
const targetText = (json: Json): string => text(json['to']) ?? text(json['condition']) ?? '';

function answerName(answer: Answer | undefined): string {
  if (answer === undefined) return 'none';
  if (answer.kind === 'nack') return answer.refusal.error;
  return answer.kind === 'ack' ? 'ack' : 'stanza error';
}

/** Handles a downstream message: decides, applies the fault rules, delivers, and answers after the delay. */
export class DownstreamHandler {
  readonly #backend: Backend;
  readonly #options: DownstreamOptions;
  readonly #acceptance: Acceptance;
  readonly #random: Random;

  constructor(backend: Backend, options: DownstreamOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#acceptance = new Acceptance(backend, options.rememberedIds);
    this.#random = backend.random('answers');
  }

  clear(): void {
    this.#acceptance.clear();
  }

  /** No JSON object or no message id: a stanza error, at once (protocol §2). */
  unreadable(session: Session, stanza: MessageStanza, description: string): void {
    const error = { code: '400', type: 'modify', condition: 'bad-request', text: description };
    this.#record(session, stanza, { messageId: '', answer: 'stanza error' });
    session.admit();
    session.answer(session.stanzaError(stanza.id, stanza.payload, error));
  }

  handle(request: Request): void {
    const { session, stanza, payload } = request;
    const { pendingLimit, overLimit, latencyMs } = this.#backend.settings;
    const isOverLimit = session.admit() > pendingLimit;
    if (isOverLimit) this.#backend.history.counters.pastPendingLimit += 1;
    if (isOverLimit && overLimit === 'close') {
      return session.fail('policy-violation', `more than ${pendingLimit} messages without an answer`);
    }
    const decision =
      isOverLimit && overLimit === 'nack'
        ? nack('SERVICE_UNAVAILABLE', 'Too many pending messages')
        : this.#acceptance.decide(session, payload);
    const plan = this.#plan(session, payload, decision);
    if (plan.accept && decision.accepted !== undefined) this.#accept(session, decision.accepted);
    this.#record(session, stanza, { messageId: payload.messageId, answer: answerName(plan.answer) });
    const delayMs = plan.delayMs + drawDelayMs(latencyMs, this.#random);
    if (delayMs === 0) this.#answer(request, plan);
    else this.#backend.schedule.after(delayMs, () => this.#answer(request, plan));
  }

  /**
   * The decision, after the rules that match the message. On a draining connection the nack stands: no rule applies.
   */
  #plan(session: Session, { messageId, json }: DownstreamPayload, { answer }: Decision): Plan {
    const plan = planOf(answer);
    const { faults, events, clock } = this.#backend;
    if (faults.isEmpty || session.state === 'draining') return plan;
    const to = text(json['to']);
    const traffic = {
      sender: session.senderId,
      connection: session.id,
      messageId,
      token: to,
      topic: to?.startsWith(TOPIC_PREFIX) === true ? to.slice(TOPIC_PREFIX.length) : undefined,
      collapseKey: text(json['collapse_key']),
    };
    for (const fault of faults.forMessage(traffic, clock.now())) {
      applyFault(plan, fault, this.#random);
      events.emit(() => ({ type: 'fault', connection: session.id, messageId, fault: fault.kind }));
    }
    return plan;
  }

  #accept(session: Session, { message, tokens }: Accepted): void {
    this.#acceptance.remember(session.senderId, message.messageId);
    this.#backend.history.counters.accepted += 1;
    if (!message.dryRun) this.#backend.delivery.deliver(message, session.senderId, tokens);
  }

  #answer(request: Request, { answer, copies, connectionFaults }: Plan): void {
    const { session } = request;
    const { applyToConnection } = this.#options;
    for (const fault of connectionFaults) if (fault.when === 'before') applyToConnection(session, fault);
    if (answer !== undefined) {
      const frame = frameOf(request, answer);
      session.answer(frame);
      for (let copy = 1; copy < copies; copy += 1) session.send(frame);
    }
    for (const fault of connectionFaults) if (fault.when === 'after') applyToConnection(session, fault);
  }

  #record(
    session: Session,
    stanza: MessageStanza,
    { messageId, answer }: { readonly messageId: string; readonly answer: string },
  ): void {
    const { history, events, clock } = this.#backend;
    history.record({ messageId, connection: session.id, at: clock.now(), json: stanza.payload ?? '', answer });
    events.emit(() => ({ type: 'downstream', connection: session.id, messageId, answer }));
  }
}

function frameOf({ session, stanza, payload: { messageId, json } }: Request, answer: Answer): ServerFrame {
  const from = targetText(json);
  switch (answer.kind) {
    case 'ack':
      return { kind: 'ack', messageId, from, registrationId: answer.registrationId };
    case 'nack':
      return { kind: 'nack', messageId, from, error: answer.refusal.error, description: answer.refusal.description };
    case 'stanzaError':
      return session.stanzaError(stanza.id, stanza.payload, answer.error);
  }
}
