import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replay } from './transcript.ts';

const FOLDER = join(import.meta.dirname, 'transcripts');

// WRITE_TRANSCRIPTS=1 updates the transcripts: review the diff before you commit it.
test.each(readdirSync(FOLDER).sort())('transcript %s: bytes in, bytes out', (name) => {
  const path = join(FOLDER, name);
  const script = readFileSync(path, 'utf8').trimEnd();
  const now = replay(script);
  if (process.env['WRITE_TRANSCRIPTS'] === '1') writeFileSync(path, `${now}\n`);
  else expect(now).toBe(script);
});
