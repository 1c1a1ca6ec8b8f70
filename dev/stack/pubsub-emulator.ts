import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emulatorBinaries } from './emulator-binaries.ts';

/**
 * gcloud's Pub/Sub emulator 0.8.20 calls a method that its own copy of gRPC lacks:
 * `InternalStatus.asRuntimeException(Status, Metadata, boolean)`. It does so whenever a stream ends otherwise than
 * politely, a kill -9 above all, and then never learns that the stream has ended: it goes on leasing messages to a
 * subscriber that is dead, and most of what that one held comes back after many minutes, or not at all (200 messages
 * held by a subscriber that was killed: 32 were handed out again within 100 s; with the method there, all 200 after 30
 * s). A kill test needs a Pub/Sub that notices deaths. So this one class is put before the emulator's own, compiled for
 * Java 8 from:
 *
 *   package io.grpc;
 *   public final class InternalStatus {
 *     public static final Metadata.Key<String> MESSAGE_KEY = Status.MESSAGE_KEY;
 *     public static final Metadata.Key<Status> CODE_KEY = Status.CODE_KEY;
 *     public static StatusRuntimeException asRuntimeExceptionWithoutStacktrace(Status status, Metadata trailers) {
 *       return new InternalStatusRuntimeException(status, trailers);
 *     }
 *     public static StatusRuntimeException asRuntimeException(Status status, Metadata trailers, boolean stack) {
 * return stack ? new StatusRuntimeException(status, trailers) : new InternalStatusRuntimeException(status, trailers);
 *     }
 *   }
 */
const INTERNAL_STATUS = `
yv66vgAAADQALAoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWBwAIAQAmaW8vZ3JwYy9JbnRlcm5hbFN0YXR1c1J1bnRpbWVFeGNlcHRpb24KAAcA
CgwABQALAQAlKExpby9ncnBjL1N0YXR1cztMaW8vZ3JwYy9NZXRhZGF0YTspVgcADQEAHmlvL2dycGMvU3RhdHVzUnVudGltZUV4Y2VwdGlvbgoADAAKCQAQABEHABIMABMAFAEADmlv
L2dycGMvU3RhdHVzAQALTUVTU0FHRV9LRVkBABZMaW8vZ3JwYy9NZXRhZGF0YSRLZXk7CQAWABEHABcBABZpby9ncnBjL0ludGVybmFsU3RhdHVzCQAQABkMABoAFAEACENPREVfS0VZ
CQAWABkBAAlTaWduYXR1cmUBACpMaW8vZ3JwYy9NZXRhZGF0YSRLZXk8TGphdmEvbGFuZy9TdHJpbmc7PjsBAChMaW8vZ3JwYy9NZXRhZGF0YSRLZXk8TGlvL2dycGMvU3RhdHVzOz47
AQAEQ29kZQEAI2FzUnVudGltZUV4Y2VwdGlvbldpdGhvdXRTdGFja3RyYWNlAQBEKExpby9ncnBjL1N0YXR1cztMaW8vZ3JwYy9NZXRhZGF0YTspTGlvL2dycGMvU3RhdHVzUnVudGlt
ZUV4Y2VwdGlvbjsBABJhc1J1bnRpbWVFeGNlcHRpb24BAEUoTGlvL2dycGMvU3RhdHVzO0xpby9ncnBjL01ldGFkYXRhO1opTGlvL2dycGMvU3RhdHVzUnVudGltZUV4Y2VwdGlvbjsB
AA1TdGFja01hcFRhYmxlAQAIPGNsaW5pdD4BAAxJbm5lckNsYXNzZXMHACgBABRpby9ncnBjL01ldGFkYXRhJEtleQcAKgEAEGlvL2dycGMvTWV0YWRhdGEBAANLZXkAMQAWAAIAAAAC
ABkAEwAUAAEAHAAAAAIAHQAZABoAFAABABwAAAACAB4ABAABAAUABgABAB8AAAARAAEAAQAAAAUqtwABsQAAAAAACQAgACEAAQAfAAAAFgAEAAIAAAAKuwAHWSortwAJsAAAAAAACQAi
ACMAAQAfAAAAMwAEAAMAAAAaHJkAD7sADFkqK7cADqcADLsAB1kqK7cACbAAAAABACQAAAAHAAIQSAcADAAIACUABgABAB8AAAAZAAEAAAAAAA2yAA+zABWyABizABuxAAAAAAABACYA
AAAKAAEAJwApACsECQ==
`.replaceAll('\n', '');

const BROKEN = 'lib/cloud-pubsub-emulator-0.8.20-all.jar';
const MAIN = 'com.google.cloud.pubsub.testing.v1.Main';
const VARIABLE = 'PUBSUB_EMULATOR_BINARY_PATH'; // the Firebase CLI's own; what it names counts before what `startEmulators` finds

/** Has the emulators started from now on notice deaths. Does nothing where another emulator is in use. */
export async function mendPubSubEmulator(folder: string): Promise<void> {
  const found = (await emulatorBinaries(folder))[VARIABLE];
  const home =
    found === undefined
      ? undefined
      : /^exec '(.+)\/bin\/cloud-pubsub-emulator'/m.exec(await readFile(found, 'utf8'))?.[1];
  if (home === undefined || !existsSync(join(home, BROKEN))) return;
  const classes = join(folder, 'pubsub-emulator-classes');
  await mkdir(join(classes, 'io/grpc'), { recursive: true });
  await writeFile(join(classes, 'io/grpc/InternalStatus.class'), Buffer.from(INTERNAL_STATUS, 'base64'));
  const script = join(folder, 'pubsub-emulator-mended');
  await writeFile(script, `#!/bin/sh\nexec java -cp '${classes}:${join(home, BROKEN)}' ${MAIN} "$@"\n`, {
    mode: 0o755,
  });
  process.env[VARIABLE] = script;
}
