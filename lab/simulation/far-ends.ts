import type { SimulatedCcs } from './ccs.ts';
import type { SimulatedFirestore } from './firestore.ts';
import type { Queue } from './queue.ts';
import type { Topics } from './topics.ts';

/** The services that a worker talks to. */
export interface FarEnds {
  readonly ccs: SimulatedCcs;
  readonly firestore: SimulatedFirestore;
  readonly queue: Queue;
  readonly topics: Topics;
}
