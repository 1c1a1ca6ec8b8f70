import fc from 'fast-check';
import { cancel } from '../../../../relay/service/settle/cancel.ts';
import { isTerminal } from '../../../../relay/model/record.ts';
import { CANCEL_WAIT_MS, READ_VALID_MS, SLOW_ANSWER_MS } from '../../../../relay/model/timing.ts';
import { change, key, record, World } from '../service-world.ts';

/** A worker that keeps the rules of timing.ts, however slow it is within them, against a DELETE at time 0. */
interface Worker {
  readonly readMs: number;
  readonly sendsAfterMs: number;
  readonly answerAfterMs: number;
  readonly writeTakesMs: number;
}

const MARGIN_MS = CANCEL_WAIT_MS - READ_VALID_MS - SLOW_ANSWER_MS;

const worker: fc.Arbitrary<Worker> = fc.record({
  readMs: fc.integer({ min: -3_000, max: 6_000 }),
  sendsAfterMs: fc.integer({ min: 0, max: READ_VALID_MS }),
  answerAfterMs: fc.integer({ min: 1, max: 10_000 }),
  writeTakesMs: fc.integer({ min: 1, max: MARGIN_MS - 1 }),
});

async function race({ readMs, sendsAfterMs, answerAfterMs, writeTakesMs }: Worker) {
  const world = new World();
  world.store.put(key(), record());
  let sent = false;
  const agenda: { readonly atMs: number; readonly work: () => unknown }[] = [];
  const at = (atMs: number, work: () => unknown): void => void agenda.push({ atMs, work });
  const write = (state: 'sent' | 'acked') => async (): Promise<void> => {
    const standing = world.store.record(key());
    if (standing !== undefined && !isTerminal(standing.state)) await change(world, { state, updatedAtMs: world.now() });
  };
  at(readMs, () => {
    const read = world.store.record(key());
    if (read?.state !== 'queued' || read.cancelRequestedAtMs !== undefined) return;
    const sendMs = readMs + sendsAfterMs;
    at(sendMs, () => void (sent = true));
    if (answerAfterMs > SLOW_ANSWER_MS) at(sendMs + SLOW_ANSWER_MS + writeTakesMs, write('sent'));
    at(sendMs + answerAfterMs + writeTakesMs, write('acked'));
  });
  let nowMs = 0;
  const until = async (endMs: number): Promise<void> => {
    for (;;) {
      const next = agenda.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      agenda.splice(agenda.indexOf(next), 1);
      await next.work();
    }
    world.pass(endMs - nowMs);
    nowMs = endMs;
  };
  await until(0);
  const { outcome } = await cancel(Object.assign(world, { wait: (ms: number) => until(nowMs + ms) }), key());
  await until(60_000);
  return { outcome, sent, state: world.store.record(key())?.state };
}

test('a message that a DELETE calls cancelled is never sent, and one that was sent is never called cancelled', async () => {
  await fc.assert(
    fc.asyncProperty(worker, async (chosen) => {
      const { outcome, sent, state } = await race(chosen);
      expect(outcome).toBe(sent ? 'tooLate' : 'cancelled');
      expect(state).toBe(sent ? 'acked' : 'cancelled');
    }),
    { numRuns: 500 },
  );
});
