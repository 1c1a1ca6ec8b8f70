import { z } from 'zod';
import type { Random } from './random.ts';

const milliseconds = z.number().min(0).max(86_400_000);

/** Fixed, uniform between two bounds, or exponential around a mean. */
export const delaySchema = z
  .union([
    milliseconds,
    z
      .object({ min: milliseconds, max: milliseconds })
      .strict()
      .refine(({ min, max }) => min <= max, 'min must not be above max'),
    z.object({ mean: milliseconds }).strict(),
  ])
  .meta({ id: 'Delay', description: 'Milliseconds: fixed, uniform {min,max}, or exponential {mean}' });

export type Delay = z.infer<typeof delaySchema>;

export function drawDelayMs(delay: Delay, random: Random): number {
  if (typeof delay === 'number') return delay;
  if ('mean' in delay) return -delay.mean * Math.log(1 - random.next());
  return delay.min + random.next() * (delay.max - delay.min);
}
