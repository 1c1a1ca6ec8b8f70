import type { Priority } from '../../relay/protocol/legacy/message.ts';
import { FAILS, KILLS } from './ccs-answers.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

const DAY_SECONDS = 86_400;
/** Nothing else ends some of them. */
const POISON_TTLS = [60, 600, 3_600];
const SHORT_TTLS = [0, 1, 3, 10, 60];
const PROBES = 10; // of each lane
/** High messages for so long, a little more than the windows let through. */
const FLOOD = { forMs: 30_000, excess: 1.2, most: 1_500 };

/** What is asked of the relay during the night, both ways. */
export function load(world: World, { messages, upstream, troubledMs, trouble }: Scenario): void {
  const { clock, dice } = world.around;
  const overMs = trouble.burst > 0 ? 5_000 : troubledMs * 0.9;
  const targets = trouble.fewTargets > 0 ? 4 : 40;
  for (let n = 1; n <= messages; n++) {
    clock.after(dice.between(0, overMs), () => {
      const target = Math.floor(dice.next() * targets);
      const ttlSeconds = dice.chance(trouble.shortTtl) ? dice.pick(SHORT_TTLS) : DAY_SECONDS;
      const message = {
        message_id: `m${n}`,
        priority: dice.pick<Priority>(['high', 'normal']),
        time_to_live: ttlSeconds,
      };
      if (dice.chance(trouble.failingTargets))
        return world.client.post(
          { ...message, to: `${FAILS}${target % 3}`, time_to_live: dice.pick(POISON_TTLS) },
          false,
        );
      if (dice.chance(trouble.killers))
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
 * Fresh messages after the night: in both lanes they must get through soon, whatever is still waiting, and whatever
 * floods the high lane.
 */
export function probe(world: World, { trouble, connections, pendingLimit }: Scenario): void {
  const { clock, dice } = world.around;
  const send = (id: string, priority: Priority, withinMs: number): void =>
    clock.after(dice.between(0, withinMs), () =>
      world.client.post({ message_id: id, to: `probe-${id}`, priority, time_to_live: DAY_SECONDS }, true),
    );
  for (let n = 1; n <= PROBES; n++) {
    send(`high${n}`, 'high', 20_000);
    send(`normal${n}`, 'normal', 20_000);
  }
  if (trouble.flood === 0) return;
  const perSecond = (connections * pendingLimit * 1_000) / FLOOD_LATENCY_MS;
  const flood = Math.min(FLOOD.most, Math.ceil((perSecond * FLOOD.excess * FLOOD.forMs) / 1_000));
  for (let n = 1; n <= flood; n++) send(`flood${n}`, 'high', FLOOD.forMs);
}

/** How slow CCS's answers are on average while the flood is tried: slow enough to fill small windows. */
export const FLOOD_LATENCY_MS = 300;
