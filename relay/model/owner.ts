/**
 * Who a message belongs to, with its kind: a user with the uid `pubsub` is not Pub/Sub (design §4). The untyped owners
 * of older documents match nobody.
 */
export type Owner = `user:${string}` | `key:${string}` | 'system:pubsub' | 'system:queue';
export const isOwner = (text: string): text is Owner => /^(?:user:|key:|system:(?:pubsub|queue)$)/.test(text);
