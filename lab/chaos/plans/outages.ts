import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../../dev/stack/until.ts';
import { WORKER_LOG } from '../../../dev/stack/worker.ts';
import { submit, Load, plan, slowest, verify } from './plan.ts';

const PER_SECOND = 20;

/** A worker with a wrong key beside one that works: it hands back what it pulled, and stops pulling. */
export const away = plan({
  about: 'a worker with a wrong key hands back what it holds and stops pulling',
  minutes: 3,
  rig: { longWaits: true, ccs: { latencyMs: 20 } },
  sizes: { full: { seconds: 120 }, short: { seconds: 20 } },

  async run(rig, { seconds }, say) {
    const lost = rig.beginWorker({ FCM_SERVER_KEY: 'not-the-server-key' });
    await until(() => lost.said(WORKER_LOG.started).length > 0, {
      withinMs: 30_000,
      what: () => `it did not start: ${lost.output}`,
    });
    const load = new Load(rig, { name: 'away', perSecond: PER_SECOND, upstream: false });
    await wait(seconds * 1_000);
    await load.stop();
    const report = await verify(rig, { ids: load.ids, duplicates: 0, withinMs: 60_000 });
    const slowestMs = await slowest(rig, load.ids);
    const paused = lost.said(WORKER_LOG.pullingPaused);
    const handedBack = paused.map(({ handed_back: count }) => `${String(count)} handed back`).join(', ');
    say(`the worker with the wrong key: ${handedBack === '' ? 'never paused' : handedBack}`);
    const held = await lost.total('relay_held{');
    const violations = [
      ...report.violations,
      ...(paused.length === 1 ? [] : [`pulling was paused ${paused.length} times`]),
      ...(held === 0 ? [] : [`it still holds ${held}`]),
    ];
    return { figures: { ...report.figures, slowestMs, heldByPaused: held }, violations };
  },
});

const TTL_SECONDS = 8; // they expire before the silence is detected
const FROZEN = 5;

/** FCM takes messages and is silent until they expire: the outcome is unknown, and so is their state. */
export const frozen = plan({
  about: 'FCM takes messages and never answers: they end as unknown',
  minutes: 1,
  rig: { ccs: { latencyMs: 20, keepaliveMs: 0 }, env: { FCM_SILENCE_LIMIT: '15' } },
  sizes: { full: { messages: 50 }, short: { messages: FROZEN } },

  async run(rig, { messages }, say) {
    await rig.ccs.control.rules.add({
      match: { messageIdPrefix: 'frozen-' },
      fault: { kind: 'silence', accept: true },
    });
    const ids = await rig.accept(
      Array.from({ length: messages }, (_, n) => ({
        message_id: `frozen-${n}`,
        to: `device-token-${n}`,
        time_to_live: TTL_SECONDS,
        data: { n },
      })),
    );
    await until(async () => Object.keys(await rig.ccs.control.messageCounts()).length === messages, {
      withinMs: 15_000,
      what: () => 'FCM has not received them',
    });
    for (const { id } of await rig.ccs.control.connections()) await rig.ccs.control.connection.halfOpen(id);
    say(`FCM has ${messages} messages, and answers none of them`);
    const states = (await rig.settled(ids, 60_000)).map(({ state }) => state);
    const events = await rig.events.waitFor('fcm.message.unknown', messages);
    const wrong = states.filter((state) => state !== 'unknown');
    return {
      figures: { messages, unknown: states.length - wrong.length, events: events.length },
      violations: wrong.map((state) => `stored as ${state}, although FCM has it`),
    };
  },
});

const ANSWER_LIMIT_S = 120;

/** FCM never answers one message, but all others: its connection is replaced now and then, the others are unharmed. */
export const mute = plan({
  about: 'one message is never answered: its connection is replaced, the others are unharmed',
  minutes: 7,
  rig: { longWaits: true, ccs: { latencyMs: 20 } },
  sizes: { full: { seconds: 3 * ANSWER_LIMIT_S }, short: { seconds: ANSWER_LIMIT_S + 20 } },

  async run(rig, { seconds }, say) {
    await rig.ccs.control.rules.add({ match: { token: 'mute' }, fault: { kind: 'silence', accept: false } });
    await rig.accept([{ message_id: 'mute-1', to: 'mute', data: { a: 'b' } }]);
    await submit(rig, 'first', 10);
    const load = new Load(rig, { name: 'good', perSecond: PER_SECOND, upstream: false });
    await wait(seconds * 1_000);
    await load.stop();
    const replaced = rig.worker.said(WORKER_LOG.unanswered).length;
    say(`${replaced} connections replaced in ${seconds} s`);
    const report = await verify(rig, { ids: load.ids, duplicates: 0, withinMs: 30_000 });
    const most = Math.floor(seconds / ANSWER_LIMIT_S);
    const violations = [
      ...report.violations,
      ...(replaced >= 1 && replaced <= most ? [] : [`${replaced} connections were replaced, not 1 to ${most}`]),
    ];
    return { figures: { ...report.figures, replaced }, violations };
  },
});
