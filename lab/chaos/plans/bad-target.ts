import { setTimeout as wait } from 'node:timers/promises';
import { Load, plan, slowest, verify } from './plan.ts';

const PER_SECOND = 20;
const POISONED = 20;
/** Until then, the messages are retried again and again. */
const POISON_TTL_SECONDS = 8;
/** Generous: without the fault it is about 100 ms; while the breaker is open, it is never. */
const SLOWEST_MS = 5_000;

/** FCM answers INTERNAL_SERVER_ERROR to every message of one topic. All others are unaffected. */
export const badTarget = plan({
  about: 'one topic always fails: messages to others keep their speed',
  minutes: 3,
  rig: { ccs: { latencyMs: 20 } },
  sizes: { full: { seconds: 120 }, short: { seconds: 10 } },

  async run(rig, { seconds }, say) {
    await rig.ccs.control.rules.add({
      match: { topic: 'poison' },
      fault: { kind: 'nack', error: 'INTERNAL_SERVER_ERROR' },
    });
    const poisoned = await rig.accept(
      Array.from({ length: POISONED }, (_, n) => ({
        message_id: `poison-${n}`,
        to: '/topics/poison',
        time_to_live: POISON_TTL_SECONDS,
        data: { n },
      })),
    );
    say(`${POISONED} messages to a topic that always fails, then ${PER_SECOND} a second to others`);
    const load = new Load(rig, { name: 'good', perSecond: PER_SECOND, upstream: false });
    let breakerOpen = 0;
    for (let second = 0; second < seconds; second += 1) {
      await wait(1_000);
      breakerOpen = Math.max(breakerOpen, await rig.worker.metric('relay_breaker_open'));
    }
    await load.stop();
    const report = await verify(rig, { ids: load.ids, duplicates: 0, withinMs: 30_000 });
    const slowestMs = await slowest(rig, load.ids);
    const ends = (await rig.settled(poisoned, 120_000)).map(({ state }) => state);
    const violations = [
      ...report.violations,
      ...(breakerOpen > 0 ? ['the breaker opened because of one target'] : []),
      ...(slowestMs > SLOWEST_MS ? [`a message to another target took ${slowestMs} ms`] : []),
      ...(ends.some((state) => state !== 'expired')
        ? [`the failing messages ended as ${[...new Set(ends)].join(', ')}`]
        : []),
    ];
    return { figures: { ...report.figures, slowestMs, breakerOpen }, violations };
  },
});

const KILLERS = 2;

/** FCM closes the connection on each message to one device. The others get through; those end as dead. */
export const killer = plan({
  about: 'FCM closes the connection on certain messages: they are isolated, and end as dead',
  minutes: 3,
  rig: { ccs: { latencyMs: 20 } },
  sizes: { full: { atLeastS: 120 }, short: { atLeastS: 1 } },

  async run(rig, { atLeastS }, say) {
    await rig.ccs.control.rules.add({
      match: { token: 'poison-1' },
      fault: { kind: 'close', when: 'before', accept: false },
    });
    const killers = await rig.accept(
      Array.from({ length: KILLERS }, (_, n) => ({ message_id: `killer-${n}`, to: 'poison-1', data: { n } })),
    );
    const load = new Load(rig, { name: 'good', perSecond: PER_SECOND, upstream: false });
    const [ends] = await Promise.all([rig.settled(killers, 120_000), wait(atLeastS * 1_000)]);
    await load.stop();
    say(`${load.ids.length} messages to others, while ${KILLERS} close their connection each time`);
    const report = await verify(rig, { ids: load.ids, duplicates: 100, withinMs: 60_000 });
    const slowestMs = await slowest(rig, load.ids);
    const counts = await rig.ccs.control.messageCounts();
    const sends = killers.map((id) => counts[id]?.received ?? 0);
    const notDead = ends.filter(({ state, error }) => state !== 'dead' || error !== 'ENDS_CONNECTIONS');
    const slow = slowestMs > 2 * SLOWEST_MS ? [`a message to another target took ${slowestMs} ms`] : [];
    const wrong = notDead.map(
      ({ state, error }) => `a message that closes its connections ended as ${state} ${error ?? ''}`,
    );
    return {
      figures: { ...report.figures, slowestMs, sendsOfKillers: sends.join(' ') },
      violations: [...report.violations, ...slow, ...wrong],
    };
  },
});
