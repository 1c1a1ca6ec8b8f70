import { keyPrincipal, userPrincipal, type ApiKey, type Principal, type Right } from '../../relay/core/principal.ts';
import type { Answer } from './answer.ts';
import { problem, refuse } from './problem.ts';

export interface IdToken {
  readonly uid: string;
  /** The claim `relay`. */
  readonly relay?: unknown;
}

export interface AuthPorts {
  readonly apiKeys: readonly ApiKey[];
  /** `undefined` when the token is not good; rejects when that cannot be found out now. */
  readonly verifyIdToken: (token: string) => Promise<IdToken | undefined>;
}

export type Authorized = { readonly principal: Principal } | { readonly refused: Answer };

const CHALLENGE = 'Bearer realm="fcm-relay"';

/** Refused by default: 401 without a good key or token, 403 without the right. */
export async function authorize(ports: AuthPorts, header: string | undefined, right: Right): Promise<Authorized> {
  if (header === undefined) {
    return { refused: unauthenticated('The header authorization is missing: "key=<API key>" or "Bearer <Firebase ID token>".', CHALLENGE) };
  }
  const principal = await principalOf(ports, header);
  if (principal === undefined) return { refused: unauthenticated('The key or token is not good.', `${CHALLENGE}, error="invalid_token"`) };
  if (principal.rights.has(right)) return { principal };
  return { refused: refuse(problem('forbidden', `This needs the right "${right}".`), { facts: { by: principal.name } }) };
}

async function principalOf(ports: AuthPorts, header: string): Promise<Principal | undefined> {
  const key = /^key\s*=\s*(.+)$/is.exec(header)?.[1];
  if (key !== undefined) return keyPrincipal(ports.apiKeys, key);
  const token = /^bearer\s+(\S+)$/i.exec(header)?.[1];
  const idToken = token === undefined ? undefined : await ports.verifyIdToken(token);
  return idToken && userPrincipal(idToken.uid, idToken.relay);
}

const unauthenticated = (detail: string, challenge: string): Answer =>
  refuse(problem('unauthenticated', detail), { headers: { 'www-authenticate': challenge } });
