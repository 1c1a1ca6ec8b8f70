import { TRIALS } from '../../lab/trials/all.ts';
import { Rig } from '../../dev/stack/rig.ts';

/**
 * The short form of `npm run trial`. `soak` and `mute` have none worth their time here, and `stops` is what
 * stop.test.ts does once.
 */
test.each(['half-open', 'storm', 'drains', 'bad-target', 'killer', 'away', 'frozen'])(
  '%s: no violation',
  async (name) => {
    const trial = TRIALS[name]!('short');
    const rig = await Rig.start(trial.rig);
    try {
      const { violations } = await trial.run(rig, () => undefined);
      expect(violations).toEqual([]);
    } finally {
      await rig.close();
    }
  },
  180_000,
);
