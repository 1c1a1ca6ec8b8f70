import { createHash } from 'node:crypto';
import { HOST, type Ports } from './ports.ts';
import type { ProcessSpec } from './process/running-process.ts';
import { PROGRAMS } from './programs.ts';

export interface ApiKey {
  readonly name: string;
  readonly key: string;
  readonly can: readonly ('send' | 'read')[];
}

export interface FunctionsSettings {
  readonly senderIds: readonly string[];
  readonly topicPrefix?: string;
  readonly apiKeys: readonly ApiKey[];
  readonly tokenHashKey: string;
}

/** The parameters and secrets of the functions, as environment variables. API keys are stored hashed, here as well. */
export const functionsEnvironment = (settings: FunctionsSettings): Readonly<Record<string, string>> => ({
  RELAY_SENDERS: settings.senderIds.join(','),
  RELAY_TOPIC_PREFIX: settings.topicPrefix ?? '',
  RELAY_API_KEYS: JSON.stringify(
    settings.apiKeys.map(({ name, key, can }) => ({
      name,
      sha256: createHash('sha256').update(key).digest('hex'),
      can,
    })),
  ),
  TOKEN_HASH_KEY: settings.tokenHashKey,
  TOKEN_HASH_KEY_PREVIOUS: 'none',
});

/** The base URL of the HTTPS API. */
export const apiUrl = (ports: Ports): string => `http://${HOST}:${ports.api}`;

/** Printed when all functions are served and every trigger is connected. */
export const FUNCTIONS_READY = /^functions ready/m;

/** All functions in one process (functions-host.ts). Their topics must exist. @param flags of the host */
export const functionsSpec = (
  ports: Ports,
  env: Readonly<Record<string, string>>,
  flags: readonly '--no-retry-policy'[] = [],
): ProcessSpec => ({
  name: 'functions',
  args: ['--enable-source-maps', PROGRAMS.functionsHost, PROGRAMS.functions, String(ports.api), ...flags],
  env,
});
