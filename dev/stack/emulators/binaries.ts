import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

/**
 * If the gcloud SDK is installed with its emulators, the environment that makes the Firebase CLI use them; otherwise
 * the CLI downloads its own. Both files are written by us: the CLI runs Firestore by `java -jar FILE`, and gcloud's jar
 * names no main class, so ours only points to it; and the CLI makes the files executable, which it may not do in a
 * system folder.
 */
export async function emulatorBinaries(folder: string): Promise<NodeJS.ProcessEnv> {
  const platform = await gcloudPlatform();
  if (platform === undefined) return {};
  await mkdir(folder, { recursive: true });
  const chosen: NodeJS.ProcessEnv = {};
  const firestore = join(platform, 'cloud-firestore-emulator/cloud-firestore-emulator.jar');
  if (existsSync(firestore)) {
    chosen['FIRESTORE_EMULATOR_BINARY_PATH'] = join(folder, 'firestore-emulator.jar');
    await writeFile(chosen['FIRESTORE_EMULATOR_BINARY_PATH'], launcherJar(firestore));
  }
  const pubsub = join(platform, 'pubsub-emulator/bin/cloud-pubsub-emulator');
  if (existsSync(pubsub)) {
    chosen['PUBSUB_EMULATOR_BINARY_PATH'] = join(folder, 'pubsub-emulator');
    await writeFile(chosen['PUBSUB_EMULATOR_BINARY_PATH'], `#!/bin/sh\nexec '${pubsub}' "$@"\n`, { mode: 0o755 });
  }
  return { ...chosen, ...given() };
}

/** What the user has set takes precedence. */
const given = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(FIRESTORE|PUBSUB)_EMULATOR_BINARY_PATH$/.test(name)),
  );

async function gcloudPlatform(): Promise<string | undefined> {
  const gcloud = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'gcloud'))
    .find((file) => existsSync(file));
  if (gcloud === undefined) return undefined;
  const beside = join(dirname(realpathSync(gcloud)), '../platform');
  if (existsSync(beside)) return beside;
  try {
    // a wrapper script: ask it, which takes a second or two
    const { stdout } = await promisify(execFile)(gcloud, ['info', '--format=value(installation.sdk_root)']);
    return join(stdout.trim(), 'platform');
  } catch {
    return undefined;
  }
}

const FIRESTORE_MAIN = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

/** A zip with one stored entry, META-INF/MANIFEST.MF. */
export function launcherJar(target: string): Buffer {
  const lines = ['Manifest-Version: 1.0', `Main-Class: ${FIRESTORE_MAIN}`, `Class-Path: ${pathToFileURL(target).href}`];
  const content = Buffer.from(`${lines.map(folded).join('\r\n')}\r\n\r\n`);
  const name = Buffer.from('META-INF/MANIFEST.MF');
  const fields = Buffer.alloc(26); // shared by the local header and the directory entry
  fields.writeUInt16LE(10, 0); // version needed; flags, method (stored), time stay 0
  fields.writeUInt16LE(0x21, 8); // 1980-01-01
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, content]);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x0a\x00', 'latin1'), fields, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

/** A manifest line has at most 72 bytes; continuation lines begin with a space. */
const folded = (line: string): string => line.slice(0, 70) + line.slice(70).replace(/.{1,69}/g, '\r\n $&');
