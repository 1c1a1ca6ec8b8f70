import fc from 'fast-check';
import { Storm } from './support/storm.ts';

/** Not a likely world, as in the simulation, but any world. fast-check prints the seed of one that breaks a promise. */
test('whatever comes in whatever order: no window is overfull, nothing is sent too late, no settled document changes, every lease is answered once, no token is told', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const storm = new Storm(seed);
      storm.run(1_500);
      storm.stop();
      expect(storm.violations).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
