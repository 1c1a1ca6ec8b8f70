import { PubSub } from '@google-cloud/pubsub';
import { trustIdleStreams } from './emulator-keepalive.ts';
import { openPublisher, type Publisher } from './publisher.ts';

export interface PubSubClient {
  /** For `provision` and the lane sources. */
  readonly pubsub: PubSub;
  readonly publisher: Publisher;
  /** Call last, after closing the lane sources. Flushes pending publishes. */
  close(): Promise<void>;
}

export interface PubSubConfig {
  /** Absent: the SDK finds it, as in a cloud function. */
  readonly projectId?: string;
}

/** One client a process. Uses the emulator if PUBSUB_EMULATOR_HOST is set (the SDK reads it). */
export function openPubSub({ projectId }: PubSubConfig = {}): PubSubClient {
  if (process.env['PUBSUB_EMULATOR_HOST'] !== undefined) trustIdleStreams();
  const pubsub = new PubSub(projectId === undefined ? {} : { projectId });
  const publisher = openPublisher(pubsub);
  return {
    pubsub,
    publisher,
    close: async () => {
      await publisher.close();
      await pubsub.close();
    },
  };
}
