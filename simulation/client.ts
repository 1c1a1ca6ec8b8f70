import { cancel, type CancelPorts } from '../relay/core/cancel.ts';
import type { MessageStore } from '../relay/core/ports.ts';
import type { MessageRecord } from '../relay/core/record.ts';
import type { DownstreamMessage } from '../relay/protocol/message.ts';
import type { FarEnds } from './far-ends.ts';
import type { Surroundings } from './surroundings.ts';

const RETENTION_MS = 1e10;
const CANCEL_TRIES = 3;
const DIES = 0.1; // of the functions that handle a DELETE, before it is through

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
    if (dice.chance(DIES)) return void cancel(this.#mortal(), { senderId: this.#senderId, messageId: id }).catch(() => undefined);
    this.cancelling++;
    let outcome = 'unanswered';
    for (let left = CANCEL_TRIES; left > 0 && outcome === 'unanswered'; left--) {
      const answer = await cancel(this.#ports(), { senderId: this.#senderId, messageId: id }).catch(() => undefined);
      outcome = answer?.outcome ?? 'unanswered';
    }
    this.cancelling--;
    journal.note({ kind: 'cancelAnswered', id, outcome });
  }

  /** Of a process that dies while it waits. */
  #mortal(): CancelPorts {
    return { ...this.#ports(), wait: () => new Promise(() => undefined) };
  }

  #ports(): CancelPorts {
    const { clock } = this.#around;
    return {
      now: () => Math.floor(clock.nowMs),
      wait: (ms) => clock.promise(ms, () => undefined),
      store: this.#store(),
      events: { publish: (event) => this.#promised((done) => this.#far.topics.publish('function', String(event.data.message_id), [event], (ok) => done(ok, undefined))) },
    };
  }

  #store(): MessageStore {
    const { firestore } = this.#far;
    const unused = (): Promise<never> => Promise.reject(new Error('a DELETE creates and removes nothing'));
    return {
      read: ({ messageId }) => this.#promised((done) => firestore.read('function', messageId, (answer) => done(answer.ok, answer.ok ? answer.stored : undefined))),
      update: ({ messageId }, version, change) => this.#promised((done) =>
        firestore.update('function', messageId, { version, change }, (answer) => {
          const written = answer.ok ? answer.version : undefined;
          done(answer.ok, written === undefined ? { outcome: 'conflict' } : { outcome: 'written', version: written });
        })),
      create: unused,
      remove: unused,
    };
  }

  /** An answer of a far end, as a promise that rejects when nobody knows what happened. */
  #promised<T>(ask: (done: (ok: boolean, result: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      ask((ok, result) => {
        void this.#around.clock.promise(0, () => (ok ? resolve(result) : reject(new Error('unavailable'))));
      });
    });
  }
}

const queuedRecord = (message: DownstreamMessage, nowMs: number): MessageRecord => ({
  state: 'queued', target: { kind: 'token', hash: 'h' }, priority: message.priority, timeToLiveSeconds: message.time_to_live,
  attempts: 0, createdAtMs: nowMs, updatedAtMs: nowMs, expireAtMs: nowMs + RETENTION_MS,
});
