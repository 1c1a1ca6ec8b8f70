#!/usr/bin/env node
/** `npm run build`: the two bundles to deploy. */
import { join } from 'node:path';
import { bundleAll, ManifestError } from './bundle.ts';

try {
  for (const { file, bytes, packages } of await bundleAll(join(import.meta.dirname, '../..'))) {
    console.log(`${file.padEnd(24)}${(bytes / 1024).toFixed(0).padStart(5)} kB, imports ${packages.join(', ')}`);
  }
} catch (error) {
  process.exitCode = 1;
  const printed = error instanceof Error && 'errors' in error; // by esbuild, with the place
  if (!printed) console.error(error instanceof ManifestError ? error.message : error);
}
