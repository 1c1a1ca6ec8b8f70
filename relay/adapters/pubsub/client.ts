import { PubSub } from '@google-cloud/pubsub';
import { trustIdleStreams } from './emulator-keepalive.ts';
import { openPublisher, type Publisher } from './publisher.ts';

export interface PubSubClient {
  /** For `provision` and the lane sources. */
  readonly pubsub: PubSub;
  readonly publisher: Publisher;
  /** Last: after the lane sources are closed. Sends what is waiting to be published. */
  close(): Promise<void>;
}

export interface PubSubConfig {
  /** Absent: found by the SDK, as in a cloud function. */
  readonly projectId?: string;
}

/** One client a process. Goes to the emulator when PUBSUB_EMULATOR_HOST is set (the SDK reads it). */
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
