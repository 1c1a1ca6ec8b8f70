import fc from 'fast-check';
import { backoffMs, fullJitterMs } from '../../../../relay/machine/turn/backoff.ts';
import { DEFAULTS } from '../../../../relay/machine/turn/config.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const failures = fc.integer({ min: 1, max: 1_000 });

test('protocol §4: after a nack the first wait is at least 1 s, and each later one at least twice the least before it, up to the cap', () => {
  const least = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((failure) => backoffMs(DEFAULTS.retry, failure, 0));
  expect(least).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000]);
  expect(backoffMs(DEFAULTS.retry, 11, 0)).toBe(DEFAULTS.retry.capMs);
});

test('a wait lies between its doubling bound and twice that, and stays finite however often it failed', () => {
  fc.assert(
    fc.property(failures, random, (count, share) => {
      const { firstMs, capMs } = DEFAULTS.retry;
      const base = Math.min(capMs, firstMs * 2 ** (count - 1));
      const waitMs = backoffMs(DEFAULTS.retry, count, share);
      expect(waitMs).toBeGreaterThanOrEqual(base);
      expect(waitMs).toBeLessThanOrEqual(2 * base);
    }),
  );
});

test('the jitter is the random number and nothing else: two messages that failed together come back apart', () => {
  expect(backoffMs(DEFAULTS.retry, 3, 0.25)).toBe(5_000);
  expect(backoffMs(DEFAULTS.retry, 3, 0.75)).toBe(7_000);
});

test('full jitter spreads from zero to the doubling bound', () => {
  fc.assert(
    fc.property(failures, random, (count, share) => {
      const { firstMs, capMs } = DEFAULTS.reconnect;
      const waitMs = fullJitterMs(DEFAULTS.reconnect, count, share);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(Math.min(capMs, firstMs * 2 ** (count - 1)));
    }),
  );
  expect(fullJitterMs(DEFAULTS.reconnect, 4, 0.5)).toBe(2_000);
});
