import type { IncomingHttpHeaders } from 'node:http';

/** A request as the API reads it, whatever serves it. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query, as they came: percent-encoded. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** What the caller said that the body is. */
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** For the log line: ids, codes and counts. */
  readonly facts?: Readonly<Record<string, string | number>>;
}

export interface Link {
  readonly senderId: string;
  readonly messageId: string;
}

/** A path below the function's own address, wherever that is mounted. `several`: the relay serves more than one sender. */
export const hrefOf = ({ senderId, messageId }: Link, several: boolean): string =>
  `/v1/messages/${encodeURIComponent(messageId)}${several ? `?sender_id=${encodeURIComponent(senderId)}` : ''}`;
