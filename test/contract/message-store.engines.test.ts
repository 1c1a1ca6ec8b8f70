import { openFirestore } from '../../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../../relay/adapters/firestore/messages.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';
import { MemoryMessageStore } from '../support/memory/message-store.ts';
import { messageStoreContract } from './message-store.contract.ts';

messageStoreContract('in memory', () => ({
  store: new MemoryMessageStore(),
  newSender: () => namespace().senderId,
  close: () => Promise.resolve(),
}));

messageStoreContract('Firestore', () => {
  const client = openFirestore({ projectId: engines().projectId });
  return {
    store: new FirestoreMessages(client.gateway),
    newSender: () => namespace().senderId,
    close: () => client.close(),
  };
});
