/** The sender that all sides log in as. */
export const SENDER = { id: '1234567890', key: 'server-key', domain: 'fcm.googleapis.com' } as const;
