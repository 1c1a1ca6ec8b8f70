const MAX_ID_BYTES = 1500; // Firestore's limit
const RESERVED = /^(\.\.?|__.*__)$/s;

/** Whether a document can have this id. Firestore refuses others, and an id with a slash would name another path. */
export const isDocumentId = (id: string): boolean =>
  id !== '' && !id.includes('/') && !RESERVED.test(id) && id.isWellFormed() && Buffer.byteLength(id) <= MAX_ID_BYTES;

/** `<root>/senders/S/<collection>/<id>`, or `undefined` if no document can have that name. */
export const documentName = (root: string, senderId: string, collection: string, id: string): string | undefined =>
  isDocumentId(senderId) && isDocumentId(id) ? `${root}/senders/${senderId}/${collection}/${id}` : undefined;

/** For a write under a name no document can have: retrying cannot help. */
export class UnusableIdError extends RangeError {
  readonly code = 'UNUSABLE_ID';

  constructor() {
    super(
      'not a valid document id: empty, contains a slash, ".", "..", "__…__", over 1500 bytes, or not well-formed Unicode',
    );
    this.name = 'UnusableIdError';
  }
}
