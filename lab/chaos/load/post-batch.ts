import { setTimeout as wait } from 'node:timers/promises';
import { LOCAL } from '../../../dev/stack/local-defaults.ts';
import type { Offer } from '../history/history.ts';

const HEADERS = { authorization: `key=${LOCAL.apiKey}`, 'content-type': 'application/json' };
const RETRY_MS = 500;
const ANSWER_WITHIN_MS = 30_000;

interface Item {
  readonly offer: Offer;
  readonly message: object;
}

interface Result {
  readonly index: number;
  readonly status: number;
  readonly [field: string]: unknown;
}

export interface PostOptions {
  readonly api: string;
  readonly signal: AbortSignal;
}

/**
 * One batch by HTTPS, as a careful caller sends it: messages without an answer, or with 503, are sent again under the
 * same ids until each was answered 202 or 200, or refused for good.
 */
export async function postBatch(items: readonly Item[], options: PostOptions, onAccepted: () => void): Promise<void> {
  for (let open = items; open.length > 0;) {
    const results = await post(open, options);
    const sent = open;
    open =
      results === undefined
        ? sent
        : sent.filter((item, index) =>
            isOpen(
              item.offer,
              results.find((result) => result.index === index),
              onAccepted,
            ),
          );
    if (open.length > 0) await wait(RETRY_MS, undefined, { signal: options.signal });
  }
}

/** `undefined`: no answer, or none about the single messages. */
async function post(items: readonly Item[], { api, signal }: PostOptions): Promise<readonly Result[] | undefined> {
  try {
    const response = await fetch(`${api}/v1/messages`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify({ messages: items.map(({ message }) => message) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    return ((await response.json()) as { results?: readonly Result[] }).results;
  } catch {
    signal.throwIfAborted();
    return undefined; // the functions are down or frozen
  }
}

function isOpen(offer: Offer, result: Result | undefined, onAccepted: () => void): boolean {
  if (result === undefined || result.status === 503) return true;
  if (result.status === 202 || result.status === 200) {
    offer.acceptedMs = Date.now();
    onAccepted();
  } else {
    offer.refusal = `answered ${result.status}`;
  }
  return false;
}
