import type { MessageKey, Version } from '../../../relay/model/ports.ts';
import type { MessageRecord } from '../../../relay/model/record.ts';
import { keyedHash, type KeyedHash } from '../../../relay/model/token-hash.ts';
import type { DownstreamMessage, DownstreamRequest } from '../../../relay/protocol/legacy/message.ts';
import { MemoryDeadLetters } from '../../support/memory/dead-letters.ts';
import { MemoryDownstreamQueue } from '../../support/memory/downstream-queue.ts';
import { MemoryEventPublisher } from '../../support/memory/event-publisher.ts';
import type { Faults } from '../../support/memory/faults.ts';
import { MemoryLaneBacklog } from '../../support/memory/lane-backlog.ts';
import { MemoryMessageStore } from '../../support/memory/message-store.ts';
import { MemoryRequestTopic } from '../../support/memory/request-topic.ts';
import { MemorySweepProgress } from '../../support/memory/sweep-progress.ts';

export const START_MS = Date.UTC(2026, 9, 1);
export const SENDER = '1234567890';
export const TOKEN = 'dKfj3kLm_Qo:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx';
export const hash = keyedHash('a key for unit tests');

/** Everything the service needs, in memory, with a clock that moves only when advanced. */
export class World {
  readonly store = new MemoryMessageStore();
  readonly unsettled = this.store;
  readonly queue = new MemoryDownstreamQueue();
  readonly events = new MemoryEventPublisher();
  readonly deadLetters = new MemoryDeadLetters();
  readonly requests = new MemoryRequestTopic();
  readonly progress = new MemorySweepProgress();
  readonly hash = hash;
  readonly senders: readonly string[] = [SENDER];
  previousHash: KeyedHash | undefined;
  #nowMs = START_MS;
  #drawn = 0;

  readonly now = (): number => this.#nowMs;
  readonly backlog = new MemoryLaneBacklog(this.now);
  readonly random = (): number => (this.#drawn = (this.#drawn + 0.618_033_988) % 1);

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

/** The first `times` calls of that name fail. */
export function failing(call: string, times = Number.POSITIVE_INFINITY): (name: string) => void {
  let left = times;
  return (name) => {
    if (name !== call || left <= 0) return;
    left -= 1;
    throw new Error(`${call} failed`);
  };
}

/** Does `work` once, when the call of that name is made. */
export function onFirst(call: string, work: () => unknown): NonNullable<Faults['before']> {
  let done = false;
  return async (name) => {
    if (name !== call || done) return;
    done = true;
    await work();
  };
}

export const request = (message: Partial<DownstreamMessage> = {}): DownstreamRequest => ({
  senderId: SENDER,
  message: { message_id: 'm-1', to: TOKEN, priority: 'normal', time_to_live: 600, data: { a: '1' }, ...message },
});

export const key = (messageId = 'm-1'): MessageKey => ({ senderId: SENDER, messageId });

export const record = (fields: Partial<MessageRecord> = {}): MessageRecord => ({
  state: 'queued',
  target: { kind: 'token', hash: hash(TOKEN) },
  priority: 'normal',
  timeToLiveSeconds: 600,
  attempts: 0,
  createdAtMs: START_MS,
  updatedAtMs: START_MS,
  expireAtMs: START_MS + 1e9,
  ...fields,
});

/** Changes a document as the worker would. */
export async function change(
  world: World,
  fields: Parameters<MemoryMessageStore['update']>[2],
  messageId = 'm-1',
): Promise<Version | undefined> {
  const stored = await world.store.read(key(messageId));
  if (stored === undefined) return undefined;
  const written = await world.store.update(key(messageId), stored.version, fields);
  return written.outcome === 'written' ? written.version : undefined;
}
