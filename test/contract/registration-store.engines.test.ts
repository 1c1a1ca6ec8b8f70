import { Firestore, type Timestamp } from '@google-cloud/firestore';
import { openFirestore } from '../../relay/adapters/firestore/client.ts';
import { FirestoreRegistrations } from '../../relay/adapters/firestore/registrations.ts';
import type { RegistrationRecord } from '../../relay/model/record.ts';
import { engines, namespace } from '../../dev/stack/engines.ts';
import { MemoryRegistrationStore } from '../support/memory/registration-store.ts';
import { registrationStoreContract } from './registration-store.contract.ts';

registrationStoreContract('in memory', () => {
  const store = new MemoryRegistrationStore();
  const { senderId } = namespace();
  return {
    store,
    senderId,
    found: (hash) => Promise.resolve(store.record(senderId, hash)),
    close: () => Promise.resolve(),
  };
});

/** Read as any user of the contract would: by the SDK, by the path and field names of design §4. */
registrationStoreContract('Firestore', () => {
  const { projectId } = engines();
  const { senderId } = namespace();
  const client = openFirestore({ projectId });
  const reader = new Firestore({ projectId });
  return {
    store: new FirestoreRegistrations(client.gateway),
    senderId,
    found: async (hash) => {
      const document = (await reader.doc(`senders/${senderId}/registrations/${hash}`).get()).data();
      if (document === undefined) return undefined;
      const {
        state,
        replaced_by: replacedByHash,
        at,
        expire_at: expireAt,
      } = document as { state: RegistrationRecord['state']; replaced_by?: string; at: Timestamp; expire_at: Timestamp };
      return {
        state,
        ...(replacedByHash === undefined ? {} : { replacedByHash }),
        atMs: at.toMillis(),
        expireAtMs: expireAt.toMillis(),
      };
    },
    close: async () => {
      await Promise.all([client.close(), reader.terminate()]);
    },
  };
});
