import { MessageStream } from '@google-cloud/pubsub/build/src/message-stream.js';

/**
 * Pub/Sub emulators before 0.8.32 (May 2026; Firebase CLI and older gcloud SDKs bring them) drop the library's
 * keepalives unanswered. The library (6.3.0) then replaces every stream that has been idle for 45 s, and the emulator
 * goes on leasing messages to the streams that were left: seen as messages that nobody gets for minutes. So on an
 * emulator a stream without an answer is not taken for a dead one. The keepalives themselves are still sent.
 */
export function trustIdleStreams(): void {
  const internals = MessageStream.prototype as unknown as { _setAliveTimer?: () => void };
  if (internals._setAliveTimer === undefined)
    throw new Error('the internals of @google-cloud/pubsub have changed: see emulator-keepalive.ts');
  internals._setAliveTimer = () => undefined;
}
