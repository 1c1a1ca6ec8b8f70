/** What everything on a developer's machine goes by (design.md, HTTPS): no secret is one. */
export const DEVELOPMENT = {
  projectId: 'demo-relay',
  senderId: '1234567890',
  serverKey: 'server-key',
  apiKey: 'local-dev-key',
  tokenHashKey: 'local-token-hash-key',
} as const;
