import type { Calls } from './calls.ts';

/** What the raw program is told. */
export interface RawJob extends Calls {
  readonly projectId: string;
  readonly topic: string;
}
