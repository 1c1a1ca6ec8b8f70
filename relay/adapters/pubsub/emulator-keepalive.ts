import { MessageStream } from '@google-cloud/pubsub/build/src/message-stream.js';

/**
 * Pub/Sub emulators before 0.8.32 (May 2026; the Firebase CLI and older gcloud SDKs ship them) never answer the
 * library's keepalives. The library (6.3.0) then replaces every stream idle for 45 s, and the emulator keeps leasing
 * messages to the abandoned streams: messages vanish for minutes. So on an emulator a stream without an answer does not
 * count as dead. The keepalives are still sent.
 */
export function trustIdleStreams(): void {
  const internals = MessageStream.prototype as unknown as { _setAliveTimer?: () => void };
  if (internals._setAliveTimer === undefined)
    throw new Error('the internals of @google-cloud/pubsub have changed: see emulator-keepalive.ts');
  internals._setAliveTimer = () => undefined;
}
