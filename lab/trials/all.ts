import { badTarget, killer } from './bad-target.ts';
import { drains } from './drains.ts';
import { halfOpen } from './half-open.ts';
import { away, frozen, mute } from './outages.ts';
import { soak } from './soak.ts';
import { stops } from './stops.ts';
import { storm } from './storm.ts';
import type { Rig, RigOptions } from '../../dev/stack/rig.ts';
import type { Report, Trial } from './trial.ts';

/** A trial with its size chosen. */
export interface Chosen {
  readonly rig: RigOptions;
  run(rig: Rig, say: (line: string) => void): Promise<Report>;
}

const chosen = <Size>(trial: Trial<Size>, size: keyof Trial<Size>['sizes']): Chosen => ({
  rig: trial.rig,
  run: (rig, say) => trial.run(rig, trial.sizes[size], say),
});

/** By the names that `npm run trial` takes. */
export const TRIALS: Readonly<Record<string, (size: 'full' | 'short') => Chosen>> = {
  'half-open': (size) => chosen(halfOpen, size),
  drains: (size) => chosen(drains, size),
  storm: (size) => chosen(storm, size),
  stops: (size) => chosen(stops, size),
  'bad-target': (size) => chosen(badTarget, size),
  killer: (size) => chosen(killer, size),
  away: (size) => chosen(away, size),
  frozen: (size) => chosen(frozen, size),
  mute: (size) => chosen(mute, size),
  soak: (size) => chosen(soak, size),
};
