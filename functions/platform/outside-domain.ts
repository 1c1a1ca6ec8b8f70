import domain from 'node:domain';

/**
 * functions-framework handles each call in a `node:domain`, so that it can answer 500 for an error that nobody caught.
 * Domains are dear: from the first one on, hooks run for every promise of the process and keep it alive until the
 * collector finds it, and what is made inside notes its domain as well. A message takes dozens of promises: half of the
 * API's CPU time in batches (docs/experiments.md, 6). Our handlers answer for every error themselves;
 * one that got past them ends the process, as it does wherever there is no domain, and nobody was told 202.
 */

/**
 * In a process that serves `api` alone, as in production: the framework gets something that only runs what it is given.
 * Once a process, before its first call.
 */
export function withoutDomains(): void {
  const noDomain = { on: () => noDomain, run: (handle: () => void) => handle() };
  domain.create = () => noDomain as unknown as domain.Domain;
}

/** Elsewhere, and for events, whose answers the framework binds to the domain: the handler leaves it. */
export const outsideDomain =
  <A extends readonly unknown[], R>(handle: (...args: A) => R) =>
  (...args: A): R => {
    (process as { domain?: domain.Domain | null }).domain?.exit();
    return handle(...args);
  };
