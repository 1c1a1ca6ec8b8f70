import type { IdToken } from './api/auth.ts';
import { once } from './once.ts';

/** Loaded with the first ID token: callers with an API key do not wait for it. */
const auth = once(async () => {
  const [{ getApps, initializeApp }, { getAuth }] = await Promise.all([import('firebase-admin/app'), import('firebase-admin/auth')]);
  return getAuth(getApps()[0] ?? initializeApp());
});

/** What firebase-admin says when it could not look, rather than that the token is bad. */
const COULD_NOT_LOOK = new Set(['auth/internal-error', 'auth/invalid-credential', 'auth/network-error']);

/** `undefined` when the token is not good: forged, expired, of another project. Rejects when that cannot be found out now. */
export async function verifyIdToken(token: string): Promise<IdToken | undefined> {
  const verifier = await auth();
  try {
    const { uid, relay } = await verifier.verifyIdToken(token);
    return { uid, relay: relay as unknown };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && !COULD_NOT_LOOK.has(error.code)) return undefined;
    throw error;
  }
}
