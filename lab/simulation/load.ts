import type { Priority } from '../../relay/protocol/legacy/message.ts';
import { FAILS, KILLS } from './ccs-answers.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

const DAY_SECONDS = 86_400;
/** For messages that only the end of their time to live can end. */
const POISON_TTLS = [60, 600, 3_600];
const SHORT_TTLS = [0, 1, 3, 10, 60];
const PROBES = 10; // of each lane
/** High messages, a little faster than the windows let them through. */
const FLOOD = { forMs: 30_000, excess: 1.2, most: 1_500 };

/** The traffic while faults happen, both ways. */
export function load(world: World, { messages, upstream, faultsMs, faults }: Scenario): void {
  const { clock, dice } = world.env;
  const overMs = faults.burst > 0 ? 5_000 : faultsMs * 0.9;
  const targets = faults.fewTargets > 0 ? 4 : 40;
  for (let n = 1; n <= messages; n++) {
    clock.after(dice.between(0, overMs), () => {
      const target = Math.floor(dice.next() * targets);
      const ttlSeconds = dice.chance(faults.shortTtl) ? dice.pick(SHORT_TTLS) : DAY_SECONDS;
      const message = {
        message_id: `m${n}`,
        priority: dice.pick<Priority>(['high', 'normal']),
        time_to_live: ttlSeconds,
      };
      if (dice.chance(faults.failingTargets))
        return world.client.post(
          { ...message, to: `${FAILS}${target % 3}`, time_to_live: dice.pick(POISON_TTLS) },
          false,
        );
      if (dice.chance(faults.killers))
        return world.client.post({ ...message, to: `${KILLS}${n}`, time_to_live: dice.pick(POISON_TTLS) }, false);
      const to = target % 4 === 3 ? `/topics/t${target}` : `token-${target}`;
      world.client.post(
        target % 7 === 6 ? { ...message, condition: `'t${target}' in topics` } : { ...message, to },
        false,
      );
    });
  }
  for (let n = 1; n <= upstream; n++) clock.after(dice.between(0, overMs), () => world.far.ccs.sendUpstream(`up${n}`));
}

/**
 * Fresh messages after the faults: they must get through soon in both lanes, whatever is still waiting and whatever
 * floods the high lane.
 */
export function probe(world: World, { faults, connections, pendingLimit }: Scenario): void {
  const { clock, dice } = world.env;
  const send = (id: string, priority: Priority, withinMs: number): void =>
    clock.after(dice.between(0, withinMs), () =>
      world.client.post({ message_id: id, to: `probe-${id}`, priority, time_to_live: DAY_SECONDS }, true),
    );
  for (let n = 1; n <= PROBES; n++) {
    send(`high${n}`, 'high', 20_000);
    send(`normal${n}`, 'normal', 20_000);
  }
  if (faults.flood === 0) return;
  const perSecond = (connections * pendingLimit * 1_000) / FLOOD_LATENCY_MS;
  const flood = Math.min(FLOOD.most, Math.ceil((perSecond * FLOOD.excess * FLOOD.forMs) / 1_000));
  for (let n = 1; n <= flood; n++) send(`flood${n}`, 'high', FLOOD.forMs);
}

/** FCM's average latency during the flood: slow enough to fill small windows. */
export const FLOOD_LATENCY_MS = 300;
