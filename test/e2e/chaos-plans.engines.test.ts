import { PLANS } from '../../lab/chaos/plans/all.ts';
import { Rig } from '../../dev/stack/rig/rig.ts';

/**
 * The short form of `npm run chaos -- --plan`. `soak` and `mute` would take too long to be worth it; `stops` repeats
 * what stop.engines.test.ts does once.
 */
test.each(['half-open', 'storm', 'drains', 'bad-target', 'killer', 'away', 'frozen'])(
  '%s: no violation',
  async (name) => {
    const plan = PLANS[name]!;
    const rig = await Rig.start(plan.rig);
    try {
      const { violations } = await plan.run(rig, 'short', () => undefined);
      expect(violations).toEqual([]);
    } finally {
      await rig.close();
    }
  },
  180_000,
);
