/** A caller of the HTTPS API. */
export interface RelayApi {
  /** @param authorization by default the API key */
  readonly call: (method: string, path: string, body?: unknown, authorization?: string) => Promise<ApiAnswer>;
}

export interface ApiAnswer {
  readonly status: number;
  /** `{}` if it is empty. */
  readonly body: Readonly<Record<string, unknown>>;
}

export const relayApi = (baseUrl: string, key: string): RelayApi => ({
  call: async (method, path, body, authorization = `key=${key}`) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  },
});

/** What is not JSON (a proxy answered, or the platform) is shown as it is. */
function parsed(text: string): ApiAnswer['body'] {
  try {
    return (text === '' ? {} : JSON.parse(text)) as ApiAnswer['body'];
  } catch {
    return { text };
  }
}

/** Rejects unless the answer has this status. */
export async function expectStatus(status: number, answer: Promise<ApiAnswer>): Promise<ApiAnswer['body']> {
  const { status: actual, body } = await answer;
  if (actual !== status) throw new Error(`the API answered ${actual}, not ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Resolves when the function `api` has read its parameters and has reached Firestore. */
export async function warmUp({ call }: RelayApi): Promise<void> {
  await expectStatus(404, call('GET', '/v1/messages/none'));
}
