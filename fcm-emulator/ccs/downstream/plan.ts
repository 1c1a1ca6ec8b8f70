import type { Refusal } from '../../devices/message.ts';
import type { Fault } from '../../faults/rules.ts';
import { drawDelayMs } from '../../time/delay.ts';
import type { Random } from '../../time/random.ts';
import type { StanzaErrorBody } from '../stanzas/server-frame.ts';

/** CCS's answer to a downstream message. */
export type Answer =
  | { readonly kind: 'ack'; readonly registrationId: string | undefined }
  | { readonly kind: 'nack'; readonly refusal: Refusal }
  | { readonly kind: 'stanzaError'; readonly error: StanzaErrorBody };

export type ConnectionFault = Extract<Fault, { when: unknown }>;

/** How a message is handled, once the fault rules are applied. */
export interface Plan {
  answer: Answer | undefined; // undefined: none
  accept: boolean; // its id counts as received, and it is delivered
  delayMs: number;
  copies: number;
  connectionFaults: ConnectionFault[];
}

export const planOf = (answer: Answer): Plan => ({
  answer,
  accept: answer.kind === 'ack',
  delayMs: 0,
  copies: 1,
  connectionFaults: [],
});

function refuse(plan: Plan, answer: Answer): void {
  plan.answer = answer;
  plan.accept = false;
}

/** Applies a fault to a plan. If several change the answer, the last rule wins; delays add up. */
export function applyFault(plan: Plan, fault: Fault, random: Random): void {
  switch (fault.kind) {
    case 'nack':
      return refuse(plan, { kind: 'nack', refusal: { error: fault.error, description: fault.description } });
    case 'stanzaError':
      return refuse(plan, { kind: 'stanzaError', error: fault });
    case 'canonical':
      if (plan.answer?.kind === 'ack') plan.answer = { kind: 'ack', registrationId: fault.registrationId };
      return;
    case 'delay':
      plan.delayMs += drawDelayMs(fault.delay, random);
      return;
    case 'shuffle':
      plan.delayMs += random.next() * fault.windowMs;
      return;
    case 'silence':
      plan.answer = undefined;
      plan.accept &&= fault.accept;
      return;
    case 'repeat':
      plan.copies = fault.times;
      return;
    case 'close':
    case 'reset':
    case 'halfOpen':
    case 'drain':
      plan.connectionFaults.push(fault);
      plan.accept &&= fault.accept;
      return;
    case 'refuseAuth':
      return; // applies to logins only
  }
}
