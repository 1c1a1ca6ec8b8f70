import { setTimeout as wait } from 'node:timers/promises';

const RETRY_MS = 100;

/** Resolves when a GET is answered with 200. Rejects at the abort, with the last answer or error instead. */
export async function untilOk(url: string, signal: AbortSignal): Promise<void> {
  for (let last = 'no answer'; ;) {
    try {
      const response = await fetch(url, { signal });
      if (response.ok) return;
      last = `${response.status} ${await response.text()}`;
    } catch (error) {
      if (!signal.aborted) last = reasonOf(error);
    }
    if (signal.aborted) throw new Error(`GET ${url}: ${last.trim()}`);
    await wait(RETRY_MS);
  }
}

/** The message of an error, with its cause: `fetch` hides the reason there. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
