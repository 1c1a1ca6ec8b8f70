import type { Effect } from '../../../../relay/machine/turn/effect.ts';

/**
 * One effect as a few words, so that a test can say what happened in a list of them. Notes and wakes are told
 * elsewhere.
 */
export function told(effect: Effect): string | undefined {
  switch (effect.kind) {
    case 'read':
      return `read ${effect.messageId}`;
    case 'create':
      return `create ${effect.messageId} ${effect.record.state}`;
    case 'write':
      return `write ${effect.messageId} ${effect.change.state}`;
    case 'announce':
      return `announce ${effect.messageId} ${effect.events.map(({ type }) => type.replace('fcm.', '')).join(' ')}`;
    case 'publish':
      return `publish ${effect.event.data.message_id}`;
    case 'send':
      return `send ${effect.message.messageId} on ${effect.connection}`;
    case 'ackUpstream':
      return `ack ${effect.messageId} on ${effect.connection}`;
    case 'abandon':
      return `abandon ${effect.messageId} on ${effect.connection}`;
    case 'ackLease':
    case 'releaseLease':
      return `${effect.kind} ${effect.lease}`;
    case 'connect':
    case 'ping':
    case 'close':
    case 'destroy':
      return `${effect.kind} ${effect.connection}`;
    case 'drained':
    case 'pausePulls':
    case 'resumePulls':
      return effect.kind;
    case 'wake':
    case 'note':
      return undefined;
  }
}
