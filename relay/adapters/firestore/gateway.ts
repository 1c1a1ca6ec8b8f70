import type { Readable } from 'node:stream';
import type { Firestore } from '@google-cloud/firestore';
import type { Document, Timestamp, Write } from './wire.ts';

/** The RPCs the stores use, each tried once: to repeat a conditional write one must know that the first try failed. */
export interface Gateway {
  /** `projects/P/databases/D/documents` */
  root(): Promise<string>;
  /** All or nothing; update times in the order of the writes. */
  commit(writes: readonly Write[]): Promise<readonly Timestamp[]>;
  /** Each write on its own: its update time, or why it was refused. At most one write a document. */
  batchWrite(writes: readonly Write[]): Promise<readonly (Timestamp | WriteError)[]>;
  /** Existing documents by name; only the given fields, if any are given. */
  batchGet(names: readonly string[], fieldPaths?: readonly string[]): Promise<ReadonlyMap<string, Document>>;
  runQuery(parent: string, structuredQuery: object): Promise<readonly Document[]>;
}

export interface WriteError {
  /** A gRPC status code. */
  readonly code: number;
  readonly message: string;
}

/**
 * The entry points of every method of the SDK (its client pool, credentials, emulator settings). They are not in the
 * published types, so they are declared here and checked at start. `request` without retry codes tries once.
 */
interface Internals {
  readonly formattedName: string;
  initializeIfNeeded(tag: string): Promise<void>;
  request(method: string, request: object, tag: string, retryCodes: readonly number[]): Promise<unknown>;
  requestStream(method: string, bidirectional: boolean, request: object, tag: string): Promise<Readable>;
}

const TAG = 'relay';

function internalsOf(firestore: Firestore): Internals {
  const internals = firestore as unknown as Internals;
  for (const method of ['initializeIfNeeded', 'request', 'requestStream'] as const) {
    if (typeof internals[method] !== 'function')
      throw new TypeError(`this version of @google-cloud/firestore has no ${method}()`);
  }
  return internals;
}

export function openGateway(firestore: Firestore): Gateway {
  const internals = internalsOf(firestore);
  let ready: Promise<string> | undefined;
  const root = (): Promise<string> =>
    (ready ??= initialise(internals).catch((error: unknown) => {
      ready = undefined;
      throw error;
    }));
  const database = async (): Promise<string> => {
    await root();
    return internals.formattedName;
  };
  const call = async (method: string, writes: readonly Write[]): Promise<WriteResponse> =>
    (await internals.request(method, { database: await database(), writes }, TAG, [])) as WriteResponse;
  const stream = async (method: string, request: object): Promise<readonly StreamResponse[]> =>
    (await internals.requestStream(method, false, request, TAG)).toArray() as Promise<StreamResponse[]>;
  return {
    root,
    commit: async (writes) => {
      const { writeResults, commitTime } = await call('commit', writes);
      return writeResults.map(({ updateTime }) => updateTime ?? commitTime);
    },
    batchWrite: async (writes) => {
      const { writeResults, status } = await call('batchWrite', writes);
      return writes.map((_, at) => writeError(status[at]) ?? writeResults[at]?.updateTime ?? NO_TIME);
    },
    batchGet: async (names, fieldPaths) => {
      const responses = await stream('batchGetDocuments', {
        database: await database(),
        documents: names,
        ...(fieldPaths === undefined ? {} : { mask: { fieldPaths } }),
      });
      return new Map(responses.flatMap(({ found }) => (found ? [[found.name, found] as const] : [])));
    },
    runQuery: async (parent, structuredQuery) => {
      const responses = await stream('runQuery', { parent, structuredQuery });
      return responses.flatMap(({ document }) => (document ? [document] : []));
    },
  };
}

interface WriteResponse {
  readonly writeResults: readonly { readonly updateTime?: Timestamp | null }[];
  readonly commitTime: Timestamp;
  readonly status: readonly { readonly code?: number; readonly message?: string }[];
}

interface StreamResponse {
  readonly found?: Document | null;
  readonly document?: Document | null;
}

const NO_TIME: Timestamp = { seconds: 0, nanos: 0 }; // for a delete

const writeError = (
  status: { readonly code?: number; readonly message?: string } | undefined,
): WriteError | undefined => (status?.code ? { code: status.code, message: status.message ?? '' } : undefined);

async function initialise(internals: Internals): Promise<string> {
  await internals.initializeIfNeeded(TAG);
  return `${internals.formattedName}/documents`;
}
