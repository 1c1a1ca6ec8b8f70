import type { IdToken } from './auth.ts';
import { once } from '../../platform/once.ts';

interface Claims {
  readonly uid: string;
  readonly [claim: string]: unknown;
}

/** The part of firebase-admin's `Auth` used here. */
export interface TokenAuth {
  verifyIdToken(token: string, checkRevoked: boolean): Promise<Claims>;
}

export type VerifyIdToken = (token: string) => Promise<IdToken | undefined>;

export interface VerifierOptions {
  /** Asks Firebase Auth about the user on every call: revoked sessions and disabled users are refused. */
  readonly checkRevoked: boolean;
  readonly auth?: () => Promise<TokenAuth>;
}

/** Loaded with the first ID token: callers with an API key do not pay for it. */
const firebaseAuth = once(async (): Promise<TokenAuth> => {
  const [{ getApps, initializeApp }, { getAuth }] = await Promise.all([
    import('firebase-admin/app'),
    import('firebase-admin/auth'),
  ]);
  return getAuth(getApps()[0] ?? initializeApp());
});

/**
 * `undefined` if the token is forged, expired, revoked or of another project. Rejects if that cannot be determined now.
 */
export const idTokenVerifier =
  (options: VerifierOptions): VerifyIdToken =>
  async (token) => {
    const { checkRevoked, auth = firebaseAuth } = options;
    if (!looksLikeOne(token)) return undefined;
    const verifier = await auth();
    try {
      const { uid, relay } = await verifier.verifyIdToken(token, checkRevoked);
      return { uid, relay };
    } catch (error) {
      if (isFaultOfToken(error)) return undefined;
      throw error;
    }
  };

/** Codes about the token or its user, whatever the message. */
const OF_TOKEN = new Set([
  'auth/id-token-expired',
  'auth/id-token-revoked',
  'auth/invalid-id-token',
  'auth/user-disabled',
  'auth/user-not-found',
]);

/**
 * firebase-admin uses `auth/argument-error` for a bad token, but also when Google's certificates cannot be fetched
 * (token-verifier.js, mapJwtErrorToAuthError: KEY_FETCH_ERROR falls through). Only the former has these messages.
 * Anything unrecognised counts as our failure: 503 asks a good caller to retry, 401 would turn it away.
 */
const SPEAKS_OF_TOKEN =
  /^(?:Decoding Firebase ID token failed|Firebase ID token has|verifyIdToken\(\) expects an ID token)/;

function isFaultOfToken(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { code } = error;
  if (code === 'auth/argument-error') return SPEAKS_OF_TOKEN.test(error.message);
  return typeof code === 'string' && OF_TOKEN.has(code);
}

/** Three parts, the first two JSON objects (RFC 7519 §7.2): firebase-admin fails unpredictably on anything else. */
function looksLikeOne(token: string): boolean {
  const parts = token.split('.');
  const texts = parts.slice(0, 2).map((part) => Buffer.from(part, 'base64url').toString());
  return parts.length === 3 && texts.every(isJsonObject);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
