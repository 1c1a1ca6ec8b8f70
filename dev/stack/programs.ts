import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Logs and generated files of every run; ignored by git. */
export const LOCAL_FOLDER = join(ROOT, '.local');

/** Where the emulator of FCM keeps its throw-away certificate, unless a run wants one of its own. */
export const CERTIFICATE_FOLDER = join(LOCAL_FOLDER, 'fcm-emulator');

/** The programs that a stack consists of. The bundles must have been built (`npm run build`). */
export const PROGRAMS = {
  worker: join(ROOT, 'worker/dist/index.js'),
  functions: join(ROOT, 'functions/dist/index.js'),
  functionsHost: join(import.meta.dirname, 'functions-host.ts'),
  fcmEmulator: join(ROOT, 'fcm-emulator/main.ts'),
  firebaseCli: join(ROOT, 'node_modules/firebase-tools/lib/bin/firebase.js'),
  start: join(import.meta.dirname, 'start/main.ts'),
} as const;
