import { readFileSync } from 'node:fs';
import type { DownstreamMessage } from '../../../relay/protocol/legacy/message.ts';

/**
 * The golden cases beside this file, one JSON array a file; `bad-requests` and `good-requests` serve the tests of other
 * folders too.
 */
export const casesIn = <T>(file: string): T[] =>
  JSON.parse(readFileSync(new URL(`./cases/${file}.json`, import.meta.url), 'utf8')) as T[];

/** The sender id that the requests of the cases are written for, the only one configured. */
export const SENDER_ID = '1234567890';

/** A request that is refused: `errors` are all of its faults, in any order. */
export interface BadRequest {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly errors: readonly { readonly path: string; readonly code: string }[];
}
export const badRequests = (): BadRequest[] => casesIn('bad-requests');

/** A request that is accepted, and the message that it becomes. */
export interface GoodRequest {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly message: DownstreamMessage;
}
export const goodRequests = (): GoodRequest[] => casesIn('good-requests');
