import { setTimeout as wait } from 'node:timers/promises';
import type { EmulatorControl, Connection, RuleInput } from '../../fcm-emulator/client.ts';
import type { FaultKind, PlannedFault } from './fault-plan.ts';
import type { FaultRecord, Stop } from './history.ts';
import type { Slot } from './slot.ts';
import type { Emulator, Stack } from './stack.ts';
import type { Witness } from './witness.ts';

const TRY_AGAIN_MS = 200;
const DRAIN_CLOSE_MS = 4_000; // CCS's own 10 s would leave most of a short run draining

/** What CCS does wrong while a rule is in force. */
const RULES = {
  storm: { fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' } },
  rateNacks: { match: { share: 0.02 }, fault: { kind: 'nack', error: 'DEVICE_MESSAGE_RATE_EXCEEDED' } },
  repeatedAnswers: { match: { share: 0.5 }, fault: { kind: 'repeat', times: 3 } },
  lateAnswers: { match: { share: 0.5 }, fault: { kind: 'delay', delay: { min: 200, max: 2_000 } } },
  shuffledAnswers: { fault: { kind: 'shuffle', windowMs: 800 } },
  missingAnswers: { match: { share: 0.05 }, fault: { kind: 'silence' }, times: 5 },
} as const satisfies Readonly<Partial<Record<FaultKind, RuleInput>>>;

/** Does to the stack what the plan says, and writes down what it did. */
export class Inflicter {
  readonly faults: FaultRecord[] = [];
  readonly stops: Stop[] = [];
  readonly #stack: Stack;
  readonly #witness: Witness;
  readonly #signal: AbortSignal;
  readonly #cuts: Record<Emulator, Promise<void>> = { firestore: Promise.resolve(), pubsub: Promise.resolve() };

  constructor(stack: Stack, witness: Witness, signal: AbortSignal) {
    this.#stack = stack;
    this.#witness = witness;
    this.#signal = signal;
  }

  /** Resolves when the last fault is over. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const startMs = performance.now();
    await Promise.all(
      plan.map(async (fault) => {
        await wait(Math.max(0, fault.atMs - (performance.now() - startMs)), undefined, { signal: this.#signal });
        await this.#inflict(fault);
      }),
    );
  }

  /**
   * The end of the troubles: what is left of them is taken away, and what CCS will never answer comes back to the
   * workers with a reset.
   */
  async heal(): Promise<void> {
    await this.#stack.ccs.rules.clear();
    await this.#during({ kind: 'reset', target: 'all, at the end' }, () => this.#stack.ccs.resetAll());
  }

  async #inflict(fault: PlannedFault): Promise<void> {
    const { kind, forMs } = fault;
    switch (kind) {
      case 'killWorker':
        return this.#kill(kind, await this.#idle(this.#stack.workers, fault));
      case 'killFunctions':
        return this.#kill(kind, await this.#idle([this.#stack.functions], fault));
      case 'stopWorker':
        return this.#stop(await this.#idle(this.#stack.workers, fault));
      case 'pauseWorker': {
        const slot = await this.#idle(this.#stack.workers, fault);
        return this.#during({ kind, target: slot.name }, () => slot.freeze(forMs));
      }
      case 'pauseFirestore':
        return this.#freeze(kind, 'firestore', forMs);
      case 'pausePubSub':
        return this.#freeze(kind, 'pubsub', forMs);
      case 'cutFirestore':
        return this.#cut(kind, 'firestore', forMs);
      case 'cutPubSub':
        return this.#cut(kind, 'pubsub', forMs);
      case 'drainAll':
        return this.#during({ kind, target: 'all' }, () => this.#stack.ccs.drainAll({ closeAfterMs: DRAIN_CLOSE_MS }));
      case 'reset':
      case 'halfOpen':
      case 'drain':
        return this.#connection(kind, fault);
      default:
        return this.#rule(kind, forMs);
    }
  }

  /** One of them that nothing else is being done to, once there is one. */
  async #idle(slots: readonly Slot[], { choice }: PlannedFault): Promise<Slot> {
    for (;;) {
      const idle = slots.filter(({ isBusy }) => !isBusy);
      const slot = idle[Math.floor(choice * idle.length)];
      if (slot !== undefined) return slot;
      await wait(TRY_AGAIN_MS, undefined, { signal: this.#signal });
    }
  }

  #kill(kind: FaultKind, slot: Slot): Promise<void> {
    return slot.kill(() => this.#note(kind, slot.name));
  }

  async #stop(slot: Slot): Promise<void> {
    let atMs = Date.now();
    const tookMs = await slot.replace(() => {
      atMs = Date.now();
      this.#note('stopWorker', slot.name);
    });
    this.stops.push({ target: slot.name, atMs, tookMs });
  }

  async #connection(kind: 'reset' | 'halfOpen' | 'drain', { choice }: PlannedFault): Promise<void> {
    const { ccs } = this.#stack;
    const chosen = await this.#bound(ccs, choice);
    try {
      if (kind === 'drain') await ccs.connection.drain(chosen.id, { closeAfterMs: DRAIN_CLOSE_MS });
      else await ccs.connection[kind](chosen.id);
    } catch {
      return; // it has gone meanwhile: no fault
    }
    if (kind === 'halfOpen') this.#witness.halfOpened(chosen.id);
    this.#note(kind, chosen.id);
  }

  async #bound(ccs: EmulatorControl, choice: number): Promise<Connection> {
    for (;;) {
      const bound = (await ccs.connections()).filter(({ state }) => state === 'bound');
      const chosen = bound[Math.floor(choice * bound.length)];
      if (chosen !== undefined) return chosen;
      await wait(TRY_AGAIN_MS, undefined, { signal: this.#signal });
    }
  }

  #rule(kind: keyof typeof RULES, forMs: number): Promise<void> {
    const { rules } = this.#stack.ccs;
    return this.#during({ kind, target: 'CCS' }, async () => {
      const id = await rules.add({ ...RULES[kind], forMs });
      await wait(forMs, undefined, { signal: this.#signal });
      await rules.remove(id);
    });
  }

  /** One cut of an emulator after the other: it cannot be stopped twice. */
  #cut(kind: FaultKind, which: Emulator, forMs: number): Promise<void> {
    const emulator = this.#stack.emulators[which];
    this.#cuts[which] = this.#cuts[which].then(() =>
      this.#during({ kind, target: `${which} emulator` }, async () => {
        await emulator.cut();
        try {
          await wait(forMs, undefined, { signal: this.#signal });
        } finally {
          await emulator.mend();
        }
      }),
    );
    return this.#cuts[which];
  }

  #freeze(kind: FaultKind, which: Emulator, forMs: number): Promise<void> {
    const pids = this.#stack.emulatorPids(which);
    if (pids.length === 0) throw new Error(`no process of the ${which} emulator is found: it cannot be frozen`);
    return this.#during({ kind, target: `${which} emulator` }, async () => {
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        await wait(forMs, undefined, { signal: this.#signal });
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
    });
  }

  async #during(fault: { readonly kind: FaultKind; readonly target: string }, act: () => Promise<void>): Promise<void> {
    const atMs = Date.now();
    await act();
    this.faults.push({ ...fault, atMs, untilMs: Date.now() });
  }

  #note(kind: FaultKind, target: string): void {
    const atMs = Date.now();
    this.faults.push({ kind, target, atMs, untilMs: atMs });
  }
}
