import { FieldPath, Firestore } from '@google-cloud/firestore';
import type { Document } from './history.ts';

const PAGE = 5_000;

/** Every document of the run's messages. */
export async function readDocuments(projectId: string, senderId: string): Promise<Document[]> {
  const firestore = new Firestore({ projectId });
  const query = firestore
    .collection(`senders/${senderId}/messages`)
    .select('state', 'attempts', 'error')
    .orderBy(FieldPath.documentId())
    .limit(PAGE);
  const documents: Document[] = [];
  try {
    for (let last = ''; ;) {
      const page = await (last === '' ? query : query.startAfter(last)).get();
      for (const { id, data, updateTime } of page.docs.map((doc) => ({
        id: doc.id,
        data: doc.data(),
        updateTime: doc.updateTime,
      }))) {
        const { state, attempts, error } = data as { state?: string; attempts?: number; error?: string };
        documents.push({
          id,
          state: state ?? '',
          attempts: attempts ?? 0,
          ...(error !== undefined && { error }),
          writtenMs: updateTime.toMillis(),
        });
        last = id;
      }
      if (page.size < PAGE) return documents;
    }
  } finally {
    await firestore.terminate();
  }
}
