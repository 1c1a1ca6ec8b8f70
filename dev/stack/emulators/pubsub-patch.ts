import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * gcloud's Pub/Sub emulator 0.8.20 calls a method that its own copy of gRPC lacks:
 * `InternalStatus.asRuntimeException(Status, Metadata, boolean)`. It does so whenever a stream ends abruptly, above all
 * by `kill -9`, and then never learns that the stream has ended: it goes on leasing messages to the dead subscriber, and
 * most of what that one held comes back after many minutes or never. Of 200 messages held by a subscriber that was
 * killed, 32 were redelivered within 100 s; with the method in place, all 200 after 30 s.
 *
 * A kill test needs a Pub/Sub that notices deaths. So this one class goes before the emulator's own on the class path,
 * compiled for Java 8 from:
 *
 *   package io.grpc;
 *   public final class InternalStatus {
 *     public static final Metadata.Key<String> MESSAGE_KEY = Status.MESSAGE_KEY;
 *     public static final Metadata.Key<Status> CODE_KEY = Status.CODE_KEY;
 *     public static StatusRuntimeException asRuntimeExceptionWithoutStacktrace(Status status, Metadata trailers) {
 *       return new InternalStatusRuntimeException(status, trailers);
 *     }
 *     public static StatusRuntimeException asRuntimeException(Status status, Metadata trailers, boolean stack) {
 *       return stack
 *         ? new StatusRuntimeException(status, trailers)
 *         : new InternalStatusRuntimeException(status, trailers);
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
const VARIABLE = 'PUBSUB_EMULATOR_BINARY_PATH'; // the Firebase CLI's own

/** The environment that makes the Firebase CLI run the patched emulator; empty if it would run another version. */
export async function patchedPubSub(folder: string, binaries: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const found = binaries[VARIABLE];
  const launcher = found === undefined ? '' : await readFile(found, 'utf8');
  const home = /^exec '(.+)\/bin\/cloud-pubsub-emulator'/m.exec(launcher)?.[1];
  if (home === undefined || !existsSync(join(home, BROKEN))) return {};
  const classes = join(folder, 'pubsub-emulator-classes');
  await mkdir(join(classes, 'io/grpc'), { recursive: true });
  await writeFile(join(classes, 'io/grpc/InternalStatus.class'), Buffer.from(INTERNAL_STATUS, 'base64'));
  const script = join(folder, 'pubsub-emulator-patched');
  const command = `exec java -cp '${classes}:${join(home, BROKEN)}' ${MAIN} "$@"`;
  await writeFile(script, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  return { [VARIABLE]: script };
}
