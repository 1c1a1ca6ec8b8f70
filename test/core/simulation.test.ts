import { violationsOf } from './simulation/verdict.ts';
import { CALM, World, type Trouble } from './simulation/world.ts';

const HOUR_MS = 3_600_000;

const TROUBLE: Trouble = {
  retryNack: 0.05, refuse: 0.05, rateNack: 0.02, answerTwice: 0.05, noAnswer: 0.002, latencyMs: 60,
  storeFails: 0.05, publishFails: 0.05,
  resetEveryMs: 4_000, drainEveryMs: 6_000, halfOpenEveryMs: 60_000, killEveryMs: 20_000, rolloutEveryMs: 15_000,
};

function load(world: World, messages: number, upstream: number, overMs: number): void {
  for (let n = 1; n <= messages; n++) {
    world.clock.after(world.dice.between(0, overMs), () =>
      world.accept({
        message_id: `m${n}`,
        to: `token-${n % 50}`,
        priority: world.dice.chance(0.2) ? 'high' : 'normal',
        time_to_live: world.dice.chance(0.05) ? 2 : 3_600 * 24,
      }));
  }
  for (let n = 0; n < upstream; n++) world.clock.after(world.dice.between(0, overMs), () => world.sendUpstream());
}

function live(seed: number, trouble: Trouble, connections: number): World {
  const world = new World(seed, trouble, { connections });
  load(world, 500, 100, 60_000);
  world.start();
  world.clock.run(90_000, () => false);
  world.calmDown();
  const quiet = world.clock.run(12 * HOUR_MS, () => world.isQuiet());
  if (!quiet) world.violations.push(`not quiet after 12 h: ${JSON.stringify(world.workers.at(-1)?.relay.status())}`);
  return world;
}

test('in calm weather every message is sent once, acked, and announced', () => {
  const world = live(1, CALM, 1);
  expect(violationsOf(world)).toEqual([]);
  expect([...world.ccs.sends.values()].every((count) => count === 1)).toBe(true);
});

test.each(Array.from({ length: 60 }, (_, seed) => seed + 1))('seed %i: a night of every trouble loses nothing and breaks no promise', (seed) => {
  const world = live(seed, TROUBLE, 1 + (seed % 3));
  expect(violationsOf(world)).toEqual([]);
});
