import { Agent } from 'node:https';
import { generateKeyPairSync, sign } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { deleteApp, initializeApp, type App } from 'firebase-admin/app';
import { getAuth } from 'firebase-admin/auth';
import { authorize } from '../../../../functions/http/auth/auth.ts';
import { UnavailableError } from '../../../../functions/http/server/problem.ts';
import { idTokenVerifier, type TokenAuth } from '../../../../functions/http/auth/id-token.ts';

const PROJECT = 'a-project';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function token({ header = {}, payload = {} }: { header?: object; payload?: object } = {}): string {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const claims = {
    aud: PROJECT,
    iss: `https://securetoken.google.com/${PROJECT}`,
    sub: 'uid',
    iat: nowSeconds,
    exp: nowSeconds + 3_600,
    auth_time: nowSeconds,
    ...payload,
  };
  const signed = `${part({ alg: 'RS256', kid: 'k', ...header })}.${part(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

describe("while Google's certificates cannot be fetched", () => {
  const emulator = process.env['FIREBASE_AUTH_EMULATOR_HOST'];
  let app: App;

  /** The real SDK, on a network where nothing connects: what it says then is what is told apart. */
  class NoNetwork extends Agent {
    override createConnection(): PassThrough {
      const socket = new PassThrough();
      process.nextTick(() =>
        socket.destroy(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
      );
      return socket;
    }
  }

  beforeAll(() => {
    delete process.env['FIREBASE_AUTH_EMULATOR_HOST'];
    app = initializeApp({ projectId: PROJECT, httpAgent: new NoNetwork() }, 'no network');
  });
  afterAll(async () => {
    if (emulator !== undefined) process.env['FIREBASE_AUTH_EMULATOR_HOST'] = emulator;
    await deleteApp(app);
  });

  const verify = (text: string) =>
    idTokenVerifier({ checkRevoked: false, auth: () => Promise.resolve(getAuth(app)) })(text);

  test('nobody is told that a token is bad which may be good', async () => {
    await expect(verify(token())).rejects.toThrow(/ECONNREFUSED/);
    await expect(verify(token({ header: { kid: '' } }))).rejects.toThrow(/ECONNREFUSED/);
    const ports = { apiKeys: [], verifyIdToken: verify, now: Date.now };
    // 503 with retry-after: api.ts
    await expect(authorize(ports, `Bearer ${token()}`, 'read')).rejects.toThrow(UnavailableError);
  });

  test.each([
    ['no token', 'abc'],
    ['empty', ''],
    ['two parts', 'a.b'],
    ['parts that are no JSON', 'a.b.c'],
    ['null inside', `${part(null)}.${part(null)}.x`],
    ['lists inside', `${part([])}.${part([])}.x`],
    ['another project', token({ payload: { aud: 'other' } })],
    ['another issuer', token({ payload: { iss: 'x' } })],
    ['no signature', token({ header: { alg: 'none' } })],
    ['no key id', token({ header: { kid: undefined } })],
    ['no subject', token({ payload: { sub: '' } })],
    [
      'a custom token',
      token({
        header: { kid: undefined },
        payload: { aud: 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit' },
      }),
    ],
  ])('what is certainly none is still refused: %s', async (_, text) => {
    expect(await verify(text)).toBeUndefined();
  });
});

describe('what Firebase Auth says', () => {
  const saying =
    (code: string, message = ''): (() => Promise<TokenAuth>) =>
    () =>
      Promise.resolve({ verifyIdToken: () => Promise.reject(Object.assign(new Error(message), { code })) });

  test.each([
    ['auth/id-token-expired'],
    ['auth/id-token-revoked'],
    ['auth/user-disabled'],
    ['auth/user-not-found'],
    ['auth/invalid-id-token'],
  ])('%s: the token is refused', async (code) => {
    expect(await idTokenVerifier({ checkRevoked: true, auth: saying(code) })(token())).toBeUndefined();
  });

  test.each([
    ['auth/internal-error'],
    ['app/network-error'],
    ['app/network-timeout'],
    ['auth/insufficient-permission'],
    ['auth/quota-exceeded'],
    ['auth/invalid-credential'],
    ['auth/argument-error'],
    ['auth/new'],
  ])('%s: nobody knows', async (code) => {
    await expect(
      idTokenVerifier({ checkRevoked: true, auth: saying(code, 'Error fetching public keys for Google certs') })(
        token(),
      ),
    ).rejects.toMatchObject({ code });
  });

  test.each([true, false])('whether a session was revoked is asked as configured: %j', async (checkRevoked) => {
    const asked: boolean[] = [];
    const auth = () =>
      Promise.resolve({
        verifyIdToken: (_: string, revoked: boolean) => (
          asked.push(revoked),
          Promise.resolve({ uid: 'u', relay: 'read' })
        ),
      });
    expect(await idTokenVerifier({ checkRevoked, auth })(token())).toEqual({ uid: 'u', relay: 'read' });
    expect(asked).toEqual([checkRevoked]);
  });
});
