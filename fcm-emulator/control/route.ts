import type { z } from 'zod';
import type { Ccs } from '../ccs/ccs.ts';
import type { TlsServer } from '../net/tls-server.ts';

/** What a handler has to work with. */
export interface ControlHost {
  readonly ccs: Ccs;
  readonly tls: TlsServer;
  readonly defaultSender: string;
}

export interface Call {
  readonly path: readonly string[]; // the values of {…}, decoded
  readonly query: URLSearchParams;
  readonly body: unknown; // as its schema gives it
}

/** One call of the remote control: enough to serve it and to describe it. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly query?: readonly string[];
  readonly body?: z.ZodType;
  readonly answer?: z.ZodType;
  readonly handle: (host: ControlHost, call: Call) => unknown;
}

/** Ties the body's type to its schema. */
export function withBody<S extends z.ZodType>(
  route: Omit<Route, 'body' | 'handle'> & {
    readonly body: S;
    readonly handle: (host: ControlHost, body: z.output<S>, call: Call) => unknown;
  },
): Route {
  return { ...route, handle: (host, call) => route.handle(host, call.body as z.output<S>, call) };
}

/** There is nothing of that name. */
export class NotFound extends Error {}
