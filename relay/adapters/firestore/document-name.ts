const MAX_ID_BYTES = 1500; // Firestore's
const RESERVED = /^(\.\.?|__.*__)$/s;

/** Can a document bear this id? Firestore refuses the others, and an id with a slash would name another place. */
export const isDocumentId = (id: string): boolean =>
  id !== '' && !id.includes('/') && !RESERVED.test(id) && id.isWellFormed() && Buffer.byteLength(id) <= MAX_ID_BYTES;

/** `<root>/senders/S/<collection>/<id>`, or `undefined` when no document can have that name. */
export const documentName = (root: string, senderId: string, collection: string, id: string): string | undefined =>
  isDocumentId(senderId) && isDocumentId(id) ? `${root}/senders/${senderId}/${collection}/${id}` : undefined;

/** Thrown for a write under a name that no document can have: repeating it cannot help. */
export class UnusableIdError extends RangeError {
  readonly code = 'UNUSABLE_ID';

  constructor() {
    super(
      'not a valid document id: empty, contains a slash, ".", "..", "__…__", over 1500 bytes, or not well-formed Unicode',
    );
    this.name = 'UnusableIdError';
  }
}
