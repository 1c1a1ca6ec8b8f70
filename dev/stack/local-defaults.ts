import { LOCAL_TOKEN_HASH_KEY } from '../../ops/dead-letter-options.ts';

/** The project, the sender and the keys of every stack on a developer's machine. None of them is a secret. */
export const LOCAL = {
  projectId: 'demo-relay',
  senderId: '1234567890',
  serverKey: 'server-key',
  apiKey: 'local-dev-key',
  tokenHashKey: LOCAL_TOKEN_HASH_KEY,
} as const;
