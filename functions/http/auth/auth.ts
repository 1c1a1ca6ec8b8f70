import { keyPrincipal, type ApiKey } from '../../../relay/service/access/api-keys.ts';
import { userPrincipal, type Principal, type Right } from '../../../relay/service/access/principal.ts';
import type { ApiResponse } from '../server/api-response.ts';
import { orUnavailable, problem, problemResponse } from '../server/problem.ts';

export interface IdToken {
  readonly uid: string;
  /** The claim `relay`. */
  readonly relay?: unknown;
}

export interface AuthPorts {
  readonly apiKeys: readonly ApiKey[];
  /** `undefined` if the token is invalid; rejects if that cannot be determined now. */
  readonly verifyIdToken: (token: string) => Promise<IdToken | undefined>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type Authorized = { readonly principal: Principal } | { readonly refused: ApiResponse };

const CHALLENGE = 'Bearer realm="fcm-relay"';
const INVALID = `${CHALLENGE}, error="invalid_token"`;

/**
 * Denies by default: 401 without a valid key or token, 403 without the right. Rejects with UnavailableError if a token
 * cannot be checked.
 */
export async function authorize(ports: AuthPorts, header: string | undefined, right: Right): Promise<Authorized> {
  if (header === undefined) {
    const detail = 'Send an Authorization header: "key=<API key>" or "Bearer <Firebase ID token>".';
    return unauthenticated(detail, CHALLENGE);
  }
  const authenticated = await authenticate(ports, header);
  if ('refused' in authenticated) return authenticated;
  const { owner, rights } = authenticated.principal;
  if (rights.has(right)) return authenticated;
  return {
    refused: problemResponse(problem('forbidden', `This call requires the "${right}" right.`), {
      facts: { by: owner },
    }),
  };
}

async function authenticate(ports: AuthPorts, header: string): Promise<Authorized> {
  const key = /^key\s*=\s*(.+)$/is.exec(header)?.[1];
  if (key !== undefined) return byKey(ports, key);
  const token = /^bearer\s+(\S+)$/i.exec(header)?.[1];
  const idToken = token === undefined ? undefined : await orUnavailable(ports.verifyIdToken(token));
  if (idToken === undefined) return unauthenticated(NOT_GOOD, INVALID);
  return { principal: userPrincipal(idToken.uid, idToken.relay) };
}

const NOT_GOOD = 'The API key or ID token is invalid.';

function byKey({ apiKeys, now }: AuthPorts, presented: string): Authorized {
  const key = keyPrincipal(apiKeys, presented, now());
  if (key === undefined) return unauthenticated(NOT_GOOD, INVALID);
  if ('principal' in key) return key;
  const facts = { by: key.expired.principal.owner, expired: 1 };
  return unauthenticated('The API key has expired.', `${INVALID}, error_description="expired"`, facts);
}

type Facts = NonNullable<ApiResponse['facts']>;

const unauthenticated = (detail: string, challenge: string, facts: Facts = {}): { readonly refused: ApiResponse } => ({
  refused: problemResponse(problem('unauthenticated', detail), { headers: { 'www-authenticate': challenge }, facts }),
});
