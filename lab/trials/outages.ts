import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../dev/stack/until.ts';
import { handIn, Load, slowest, verify, type Trial } from './trial.ts';

const PER_SECOND = 20;

/** A worker whose key is wrong beside one that works: it hands back what it pulled, and pulls no more. */
export const away: Trial<{ readonly seconds: number }> = {
  rig: { longWaits: true, ccs: { latencyMs: 20 } },
  sizes: { full: { seconds: 120 }, short: { seconds: 20 } },

  async run(rig, { seconds }, say) {
    const lost = rig.beginWorker({ FCM_SERVER_KEY: 'not-the-server-key' });
    await until(() => lost.said('worker.started').length > 0, {
      withinMs: 30_000,
      what: () => `it did not start: ${lost.output}`,
    });
    const load = new Load(rig, { name: 'away', perSecond: PER_SECOND, upstream: false });
    await wait(seconds * 1_000);
    await load.stop();
    const report = await verify(rig, { ids: load.ids, duplicates: 0, withinMs: 60_000 });
    const slowestMs = await slowest(rig, load.ids);
    const paused = lost.said('pulling.paused');
    say(
      `the worker with the wrong key: ${paused.map(({ handed_back: count }) => `${String(count)} handed back`).join(', ') || 'never paused'}`,
    );
    const held = await lost.total('relay_held{');
    const violations = [
      ...report.violations,
      ...(paused.length === 1 ? [] : [`it paused ${paused.length} times`]),
      ...(held === 0 ? [] : [`it still holds ${held}`]),
    ];
    return { figures: { ...report.figures, slowestMs, heldByTheLost: held }, violations };
  },
};

const TTL_SECONDS = 8; // over before the silence is found
const FROZEN = 5;

/** CCS takes messages and then says nothing more until their time is over: nobody knows, and nothing else is said. */
export const frozen: Trial<{ readonly messages: number }> = {
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
      what: () => 'CCS has not got them',
    });
    for (const { id } of await rig.ccs.control.connections()) await rig.ccs.control.connection.halfOpen(id);
    say(`CCS has ${messages} messages, and answers none of them`);
    const states = (await rig.settled(ids, 60_000)).map(({ state }) => state);
    const events = await rig.events.waitFor('fcm.message.unknown', messages);
    const wrong = states.filter((state) => state !== 'unknown');
    return {
      figures: { messages, unknown: states.length - wrong.length, events: events.length },
      violations: wrong.map((state) => `stored as ${state}, though CCS has it`),
    };
  },
};

const ANSWER_LIMIT_S = 120;

/**
 * One message that CCS never answers, while it answers all others: its connection is replaced now and then, and the
 * others lose nothing.
 */
export const mute: Trial<{ readonly seconds: number }> = {
  rig: { longWaits: true, ccs: { latencyMs: 20 } },
  sizes: { full: { seconds: 3 * ANSWER_LIMIT_S }, short: { seconds: ANSWER_LIMIT_S + 20 } },

  async run(rig, { seconds }, say) {
    await rig.ccs.control.rules.add({ match: { token: 'mute' }, fault: { kind: 'silence', accept: false } });
    await rig.accept([{ message_id: 'mute-1', to: 'mute', data: { a: 'b' } }]);
    await handIn(rig, 'first', 10);
    const load = new Load(rig, { name: 'good', perSecond: PER_SECOND, upstream: false });
    await wait(seconds * 1_000);
    await load.stop();
    const replaced = rig.worker.said('answer.timed_out').length;
    say(`${replaced} connections replaced in ${seconds} s`);
    const report = await verify(rig, { ids: load.ids, duplicates: 0, withinMs: 30_000 });
    const most = Math.floor(seconds / ANSWER_LIMIT_S);
    const violations = [
      ...report.violations,
      ...(replaced >= 1 && replaced <= most ? [] : [`${replaced} connections were replaced, not 1 to ${most}`]),
    ];
    return { figures: { ...report.figures, replaced }, violations };
  },
};
