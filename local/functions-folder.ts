import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The functions emulator reads parameters and secrets from files beside package.json. So that none of ours lie in functions/
 * (where a deploy would take them along), it is given a folder of its own: the manifest copied, dist linked (a new
 * `npm run build` is picked up while it runs), parameters and secrets generated.
 */
export const DEVELOPMENT = {
  projectId: 'demo-relay',
  senderId: '1234567890',
  serverKey: 'server-key',
  apiKey: 'local-dev-key',
  tokenHashKey: 'local-token-hash-key',
} as const;

export interface FunctionParameters {
  readonly senderIds: readonly string[];
  readonly topicPrefix: string;
}

export async function functionsFolder(root: string, folder: string, parameters: FunctionParameters): Promise<void> {
  const source = join(root, 'functions');
  await mkdir(folder, { recursive: true });
  await copyFile(join(source, 'package.json'), join(folder, 'package.json'));
  for (const name of ['dist', 'node_modules']) {
    if (existsSync(join(source, name))) await symlink(join(source, name), join(folder, name));
  }
  for (const name of (await readdir(source)).filter((file) => /^\.env(\.demo-relay)?$/.test(file))) await copyFile(join(source, name), join(folder, name));
  await writeFile(join(folder, '.env.local'), dotenv({ RELAY_SENDERS: parameters.senderIds.join(','), RELAY_TOPIC_PREFIX: parameters.topicPrefix }));
  await writeFile(join(folder, '.secret.local'), dotenv({ RELAY_API_KEYS: apiKeys(), TOKEN_HASH_KEY: DEVELOPMENT.tokenHashKey }));
}

/** Keys are kept hashed, in development too: there is one code path. */
const apiKeys = (): string =>
  JSON.stringify([{ name: 'local-dev', sha256: createHash('sha256').update(DEVELOPMENT.apiKey).digest('hex'), can: ['send', 'read'] }]);

/** Single quotes: the CLI's parser takes what is inside as it is. */
const dotenv = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values).map(([name, value]) => `${name}='${value}'\n`).join('');
