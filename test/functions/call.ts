import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';

export interface Called {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The JSON of the answer; empty when there is none. */
  readonly body: Body;
}

/** What the API answers, good or bad; the emulators answer what they will. */
export interface Body {
  readonly message_id: string;
  readonly state: string;
  readonly href: string;
  readonly errors: readonly { readonly path: string; readonly code: string; readonly message: string }[];
  readonly results: readonly (Body & { readonly index: number; readonly status: number })[];
  readonly [field: string]: unknown;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request on a connection of its own, so that no socket outlives it. */
export async function call(method: string, url: string, { headers = {}, body }: CallOptions): Promise<Called> {
  const sent = request(url, {
    method,
    agent: false,
    headers: {
      connection: 'close',
      ...headers,
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
    },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const text = await textOf(answer);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text, body: parsed(text) };
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {} as Body;
  }
}
