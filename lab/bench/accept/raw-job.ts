import type { Calls } from './calls.ts';

/** The job of the raw program. */
export interface RawJob extends Calls {
  readonly projectId: string;
  readonly topic: string;
}
