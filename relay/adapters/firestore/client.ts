import { Firestore } from '@google-cloud/firestore';
import { openGateway, type Gateway } from './gateway.ts';

export interface FirestoreClient {
  readonly gateway: Gateway;
  /** Call after draining the stores. Waits for calls in flight. */
  close(): Promise<void>;
}

export interface FirestoreConfig {
  /** Absent: the SDK finds it, as in a cloud function. */
  readonly projectId?: string;
}

// Without keepalive a half-open connection swallows every call until TCP gives up a quarter of an hour later.
const KEEPALIVE = { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 15_000 };

/** One client a process. Uses the emulator if FIRESTORE_EMULATOR_HOST is set (the SDK reads it). */
export function openFirestore({ projectId }: FirestoreConfig = {}): FirestoreClient {
  const firestore = new Firestore({ ...(projectId === undefined ? {} : { projectId }), grpcOptions: KEEPALIVE });
  return { gateway: openGateway(firestore), close: () => firestore.terminate() };
}
