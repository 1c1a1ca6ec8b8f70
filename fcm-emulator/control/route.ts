import type { z } from 'zod';

export interface Call {
  readonly path: readonly string[]; // the values of {…}, decoded
  readonly query: URLSearchParams;
  readonly body: unknown; // as its schema parsed it
}

/** One call of the control API: enough to serve it and to describe it. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly query?: readonly string[];
  readonly body?: z.ZodType;
  readonly answer?: z.ZodType;
  readonly handle: (call: Call) => unknown;
}

/** Ties the body's type to its schema. */
export function withBody<S extends z.ZodType>(
  route: Omit<Route, 'body' | 'handle'> & {
    readonly body: S;
    readonly handle: (body: z.output<S>, call: Call) => unknown;
  },
): Route {
  return { ...route, handle: (call) => route.handle(call.body as z.output<S>, call) };
}

/** The call names something that does not exist. */
export class NotFound extends Error {}
