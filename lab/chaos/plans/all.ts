import { badTarget, killer } from './bad-target.ts';
import { drains } from './drains.ts';
import { halfOpen } from './half-open.ts';
import { away, frozen, mute } from './outages.ts';
import type { Plan } from './plan.ts';
import { soak } from './soak.ts';
import { stops } from './stops.ts';
import { storm } from './storm.ts';

/** By the names that `npm run chaos -- --plan` takes. */
export const PLANS: Readonly<Record<string, Plan>> = {
  'half-open': halfOpen,
  drains,
  storm,
  stops,
  'bad-target': badTarget,
  killer,
  away,
  frozen,
  mute,
  soak,
};
