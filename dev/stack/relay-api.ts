import { DEVELOPMENT } from '../../ops/development.ts';

/** What `npm start` itself asks of the HTTPS API. */
export interface Accepted {
  readonly message_id: string;
  readonly href: string;
}

export interface MessageView {
  readonly state: string;
  readonly attempts: number;
  readonly error?: string;
  readonly settled_at?: string;
}

const HEADERS = { authorization: `key=${DEVELOPMENT.apiKey}`, 'content-type': 'application/json' };

export async function post(api: string, message: object): Promise<Accepted> {
  return answered<Accepted>(
    await fetch(`${api}/v1/messages`, { method: 'POST', headers: HEADERS, body: JSON.stringify(message) }),
    202,
  );
}

export async function stateOf(api: string, href: string): Promise<MessageView> {
  return answered<MessageView>(await fetch(api + href, { headers: HEADERS }), 200);
}

/** Resolves when the function has been loaded with its parameters and has reached Firestore. */
export async function warmUp(api: string): Promise<void> {
  await answered(await fetch(`${api}/v1/messages/none`, { headers: HEADERS }), 404);
}

async function answered<T>(response: Response, expected: number): Promise<T> {
  const text = await response.text();
  if (response.status !== expected)
    throw new Error(`${response.url} answered ${response.status}, not ${expected}: ${text.trim()}`);
  return JSON.parse(text) as T;
}
