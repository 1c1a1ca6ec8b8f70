import type { MessageKey } from '../../../relay/model/ports.ts';
import type { Arrival } from './arrival.ts';
import type { Received } from './receive.ts';

/** A request as the API reads it, whatever serves it. */
export interface ApiRequest extends Arrival {
  readonly method: string;
  /** Reads the body. Called once, and only for an authorized caller. */
  readonly body: () => Promise<Received>;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** For the log line: ids, codes and counts. */
  readonly facts?: Readonly<Record<string, string | number>>;
}

/**
 * Relative to the function's own address, wherever it is mounted. `several`: the relay serves more than one sender.
 */
export const hrefOf = ({ senderId, messageId }: MessageKey, several: boolean): string =>
  `/v1/messages/${encodeURIComponent(messageId)}${several ? `?sender_id=${encodeURIComponent(senderId)}` : ''}`;
