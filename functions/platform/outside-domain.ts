import domain from 'node:domain';

/**
 * functions-framework runs each call in a `node:domain`, to answer 500 for an uncaught error. Domains are expensive:
 * from the first one on, hooks run for every promise of the process and keep it alive until it is collected, and
 * objects created inside record their domain. A message takes dozens of promises: half of the API's CPU time in batches
 * (docs/experiments.md, 6). Our handlers catch every error themselves; one that escaped would end the process, as it does
 * without domains, and nobody would have been answered 202.
 */

/**
 * For a process that serves `api` alone, as in production: the framework gets a stand-in that only runs what it is
 * given. Call once, before the first request.
 */
export function withoutDomains(): void {
  const noDomain = { on: () => noDomain, run: (handle: () => void) => handle() };
  domain.create = () => noDomain as unknown as domain.Domain;
}

/** Elsewhere, and for events, whose responses the framework binds to the domain: the handler leaves it. */
export const outsideDomain =
  <A extends readonly unknown[], R>(handle: (...args: A) => R) =>
  (...args: A): R => {
    (process as { domain?: domain.Domain | null }).domain?.exit();
    return handle(...args);
  };
