import { cancel, type CancelPorts } from '../relay/core/cancel.ts';
import type { MessageRecord } from '../relay/core/record.ts';
import type { DownstreamMessage } from '../relay/protocol/message.ts';
import type { FarEnds } from './far-ends.ts';
import { Process } from './process.ts';
import { SimulatedStore } from './store.ts';
import type { Surroundings } from './surroundings.ts';

const RETENTION_MS = 1e10;
const CANCEL_TRIES = 3;
const DIES = 0.1; // of the functions that handle a DELETE, before it is through
const DIES_WITHIN_MS = 4_000; // it waits most of that

/** A back end and the functions that serve it: messages are accepted, queued, sometimes twice, and cancelled. */
export class Client {
  readonly #around: Surroundings;
  readonly #far: FarEnds;
  readonly #senderId: string;
  /** DELETEs that are not answered yet. */
  cancelling = 0;

  constructor(around: Surroundings, far: FarEnds, senderId: string) {
    this.#around = around;
    this.#far = far;
    this.#senderId = senderId;
  }

  accept(message: DownstreamMessage, probe: boolean): void {
    const { clock, dice, trouble, journal } = this.#around;
    const { message_id: id, priority } = message;
    const nowMs = Math.floor(clock.nowMs);
    const documented = probe || !dice.chance(trouble.undocumented);
    journal.note({ kind: 'accepted', id, lane: priority, documented, probe });
    if (documented) this.#far.firestore.documents.create({ worker: 'function', id }, queuedRecord(message, nowMs));
    this.#far.queue.add({ senderId: this.#senderId, acceptedAtMs: nowMs, message });
    if (probe) return;
    if (dice.chance(trouble.requeue)) clock.after(this.#soon(), () => this.#requeue(message, nowMs));
    if (dice.chance(trouble.cancel)) clock.after(this.#soon(), () => void this.#cancel(id));
  }

  /** At once, or some time later. */
  #soon(): number {
    return this.#around.dice.next() ** 3 * 30_000;
  }

  /** A repeat of the request found it queued, and queued it again in case nobody had. */
  #requeue(message: DownstreamMessage, acceptedAtMs: number): void {
    const { message_id: id } = message;
    if (this.#far.firestore.documents.read(id)?.record.state !== 'queued') return;
    this.#around.journal.note({ kind: 'requeued', id });
    this.#far.queue.add({ senderId: this.#senderId, acceptedAtMs, message, repeated: true });
  }

  async #cancel(id: string): Promise<void> {
    const { dice, journal } = this.#around;
    journal.note({ kind: 'cancelAsked', id });
    const process = new Process('function', this.#around.clock);
    const ports = this.#ports(process);
    const key = { senderId: this.#senderId, messageId: id };
    if (dice.chance(DIES)) {
      void cancel(ports, key).catch(() => undefined);
      return void process.after(dice.between(0, DIES_WITHIN_MS), () => (process.alive = false));
    }
    this.cancelling++;
    let outcome = 'unanswered';
    for (let left = CANCEL_TRIES; left > 0 && outcome === 'unanswered'; left--) {
      const answer = await cancel(ports, key).catch(() => undefined);
      outcome = answer?.outcome ?? 'unanswered';
    }
    this.cancelling--;
    journal.note({ kind: 'cancelAnswered', id, outcome });
  }

  #ports(process: Process): CancelPorts {
    const { clock } = this.#around;
    return {
      now: () => Math.floor(clock.nowMs),
      wait: (ms) => process.promise((resolve) => clock.after(ms, () => resolve(undefined))),
      store: new SimulatedStore(process, this.#far.firestore),
      events: { publish: (event) => this.#far.topics.publish(process, event) },
    };
  }
}

const queuedRecord = (message: DownstreamMessage, nowMs: number): MessageRecord => ({
  state: 'queued', target: { kind: 'token', hash: 'h' }, priority: message.priority, timeToLiveSeconds: message.time_to_live,
  attempts: 0, createdAtMs: nowMs, updatedAtMs: nowMs, expireAtMs: nowMs + RETENTION_MS,
});
