#!/usr/bin/env node
/** `npm run build`: the two bundles that are deployed. */
import { join } from 'node:path';
import { bundle, ManifestError } from './bundle.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['functions', 'worker'];

const results = await Promise.allSettled(FOLDERS.map((folder) => bundle(ROOT, folder))); // so that the faults of both are seen at once
for (const result of results) {
  if (result.status === 'fulfilled') {
    const { file, bytes, packages } = result.value;
    console.log(`${file.padEnd(24)}${(bytes / 1024).toFixed(0).padStart(5)} kB, imports ${packages.join(', ')}`);
    continue;
  }
  process.exitCode = 1;
  const reason: unknown = result.reason;
  const printed = reason instanceof Error && 'errors' in reason; // esbuild has shown the place already
  if (!printed) console.error(reason instanceof ManifestError ? reason.message : reason);
}
