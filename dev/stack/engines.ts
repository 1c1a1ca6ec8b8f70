import { randomInt } from 'node:crypto';

/**
 * The emulators that `npm test` (dev/test-runner/run-tests.ts) has started for the project `engines`. All test files
 * share them, and nothing is ever wiped: each file takes its own namespace instead, so files can run at the same time.
 */
export interface Engines {
  readonly projectId: string;
  readonly pubsubHost: string;
  readonly firestoreHost: string;
  readonly authHost: string;
}

export function engines(): Engines {
  return {
    projectId: variable('GOOGLE_CLOUD_PROJECT'),
    pubsubHost: variable('PUBSUB_EMULATOR_HOST'),
    firestoreHost: variable('FIRESTORE_EMULATOR_HOST'),
    authHost: variable('FIREBASE_AUTH_EMULATOR_HOST'),
  };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: run this file with "npm test -- <path>", which starts the emulators`);
  return value;
}

export interface Namespace {
  /** For RELAY_TOPIC_PREFIX. */
  readonly topicPrefix: string;
  /** Digits, like a real one; its Firestore documents are this file's alone. */
  readonly senderId: string;
}

/** Call it once per test file (or per test), outside of `expect`. */
export function namespace(): Namespace {
  const id = String(randomInt(1e11, 1e12));
  return { topicPrefix: `t${id}-`, senderId: id };
}
