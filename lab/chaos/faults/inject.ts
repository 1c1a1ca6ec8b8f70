import { setTimeout as wait } from 'node:timers/promises';
import type { EmulatorControl, Connection, RuleInput } from '../../../fcm-emulator/client.ts';
import type { FaultKind, ScheduledFault } from './schedule.ts';
import type { FaultRecord, Stop } from '../history/history.ts';
import type { SupervisedProcess } from '../stack/supervised-process.ts';
import type { Emulator, Stack } from '../stack/stack.ts';
import type { Observer } from '../history/observer.ts';

const TRY_AGAIN_MS = 200;
const DRAIN_CLOSE_MS = 4_000; // FCM's own 10 s would leave most of a short run draining

/** What FCM does while a rule is in force. */
const RULES = {
  storm: { fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' } },
  rateNacks: { match: { share: 0.02 }, fault: { kind: 'nack', error: 'DEVICE_MESSAGE_RATE_EXCEEDED' } },
  repeatedAnswers: { match: { share: 0.5 }, fault: { kind: 'repeat', times: 3 } },
  lateAnswers: { match: { share: 0.5 }, fault: { kind: 'delay', delay: { min: 200, max: 2_000 } } },
  shuffledAnswers: { fault: { kind: 'shuffle', windowMs: 800 } },
  missingAnswers: { match: { share: 0.05 }, fault: { kind: 'silence' }, times: 5 },
} as const satisfies Readonly<Partial<Record<FaultKind, RuleInput>>>;

/** Injects the scheduled faults, and records what it did. */
export class FaultInjector {
  readonly faults: FaultRecord[] = [];
  readonly stops: Stop[] = [];
  readonly #stack: Stack;
  readonly #observer: Observer;
  readonly #signal: AbortSignal;
  readonly #cuts: Record<Emulator, Promise<void>> = { firestore: Promise.resolve(), pubsub: Promise.resolve() };

  constructor(stack: Stack, observer: Observer, signal: AbortSignal) {
    this.#stack = stack;
    this.#observer = observer;
    this.#signal = signal;
  }

  /** Resolves when the last fault is over. */
  async run(schedule: readonly ScheduledFault[]): Promise<void> {
    const startMs = performance.now();
    await Promise.all(
      schedule.map(async (fault) => {
        await wait(Math.max(0, fault.atMs - (performance.now() - startMs)), undefined, { signal: this.#signal });
        await this.#inject(fault);
      }),
    );
  }

  /** Ends all faults. A reset returns to the workers what FCM will never answer. */
  async heal(): Promise<void> {
    await this.#stack.fcm.rules.clear();
    await this.#during({ kind: 'reset', target: 'all, at the end' }, () => this.#stack.fcm.resetAll());
  }

  async #inject(fault: ScheduledFault): Promise<void> {
    const { kind, forMs } = fault;
    switch (kind) {
      case 'killWorker':
        return this.#kill(kind, await this.#idle(this.#stack.workers, fault));
      case 'killFunctions':
        return this.#kill(kind, await this.#idle([this.#stack.functions], fault));
      case 'stopWorker':
        return this.#stop(await this.#idle(this.#stack.workers, fault));
      case 'pauseWorker': {
        const worker = await this.#idle(this.#stack.workers, fault);
        return this.#during({ kind, target: worker.name }, () => worker.freeze(forMs));
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
        return this.#during({ kind, target: 'all' }, () => this.#stack.fcm.drainAll({ closeAfterMs: DRAIN_CLOSE_MS }));
      case 'reset':
      case 'halfOpen':
      case 'drain':
        return this.#connection(kind, fault);
      default:
        return this.#rule(kind, forMs);
    }
  }

  /** Waits for one that no other fault is using. */
  async #idle(all: readonly SupervisedProcess[], { choice }: ScheduledFault): Promise<SupervisedProcess> {
    for (;;) {
      const idle = all.filter(({ isBusy }) => !isBusy);
      const chosen = idle[Math.floor(choice * idle.length)];
      if (chosen !== undefined) return chosen;
      await wait(TRY_AGAIN_MS, undefined, { signal: this.#signal });
    }
  }

  #kill(kind: FaultKind, target: SupervisedProcess): Promise<void> {
    return target.kill(() => this.#note(kind, target.name));
  }

  async #stop(target: SupervisedProcess): Promise<void> {
    let atMs = Date.now();
    const tookMs = await target.replace(() => {
      atMs = Date.now();
      this.#note('stopWorker', target.name);
    });
    this.stops.push({ target: target.name, atMs, tookMs });
  }

  async #connection(kind: 'reset' | 'halfOpen' | 'drain', { choice }: ScheduledFault): Promise<void> {
    const { fcm } = this.#stack;
    const chosen = await this.#bound(fcm, choice);
    try {
      if (kind === 'drain') await fcm.connection.drain(chosen.id, { closeAfterMs: DRAIN_CLOSE_MS });
      else await fcm.connection[kind](chosen.id);
    } catch {
      return; // it has closed in the meantime: no fault
    }
    if (kind === 'halfOpen') this.#observer.halfOpened(chosen.id);
    this.#note(kind, chosen.id);
  }

  async #bound(fcm: EmulatorControl, choice: number): Promise<Connection> {
    for (;;) {
      const bound = (await fcm.connections()).filter(({ state }) => state === 'bound');
      const chosen = bound[Math.floor(choice * bound.length)];
      if (chosen !== undefined) return chosen;
      await wait(TRY_AGAIN_MS, undefined, { signal: this.#signal });
    }
  }

  #rule(kind: keyof typeof RULES, forMs: number): Promise<void> {
    const { rules } = this.#stack.fcm;
    return this.#during({ kind, target: 'FCM' }, async () => {
      const id = await rules.add({ ...RULES[kind], forMs });
      await wait(forMs, undefined, { signal: this.#signal });
      await rules.remove(id);
    });
  }

  /** Cuts of the same emulator follow one another. */
  #cut(kind: FaultKind, which: Emulator, forMs: number): Promise<void> {
    const proxy = this.#stack.proxies[which];
    this.#cuts[which] = this.#cuts[which].then(() =>
      this.#during({ kind, target: `${which} emulator` }, async () => {
        await proxy.cut();
        try {
          await wait(forMs, undefined, { signal: this.#signal });
        } finally {
          await proxy.mend();
        }
      }),
    );
    return this.#cuts[which];
  }

  #freeze(kind: FaultKind, which: Emulator, forMs: number): Promise<void> {
    const pids = this.#stack.emulatorPids(which);
    if (pids.length === 0) throw new Error(`found no process of the ${which} emulator to freeze`);
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
