import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import type { ApiPorts } from '../../../functions/http/api.ts';
import { namespace } from '../../../dev/stack/engines.ts';
import { documentCount, user, watch } from '../emulated.ts';
import { KEYS, startFunctions, type FunctionsHost } from '../functions-host.ts';
import { rawRequest } from '../raw-request.ts';

const { senderId, topicPrefix } = namespace();
jest.setTimeout(30_000); // two cores for emulators, functions and tests
let host: FunctionsHost;
beforeAll(async () => {
  [host] = await Promise.all([
    startFunctions({ senders: [senderId], topicPrefix, env: { FUNCTION_TARGET: 'api' } }),
    watch(`${topicPrefix}fcm-downstream-${senderId}-normal`),
  ]);
});
afterAll(() => host.close());

const PROBLEM = {
  type: expect.stringMatching(/^urn:fcm-relay:problem:/),
  title: expect.any(String),
  detail: expect.any(String),
  errors: expect.any(Array),
};
const MESSAGES = '/v1/messages';

describe('paths and methods', () => {
  test.each(['/', '/v1', '/v1/messages/', '/v1/messages/a/b', '/v2/messages', '/x/v1/messages'])(
    'there is nothing at %s',
    async (path) => {
      expect(await host.api('GET', path)).toMatchObject({ status: 404, body: { ...PROBLEM, status: 404 } });
    },
  );

  test.each([
    ['GET', MESSAGES, 'POST, OPTIONS'],
    ['DELETE', MESSAGES, 'POST, OPTIONS'],
    ['PUT', MESSAGES, 'POST, OPTIONS'],
    ['POST', `${MESSAGES}/a`, 'GET, DELETE, HEAD, OPTIONS'],
    ['PATCH', `${MESSAGES}/a`, 'GET, DELETE, HEAD, OPTIONS'],
  ])('%s %s is not allowed; what is, is said', async (method, path, allow) => {
    expect(await host.api(method, path)).toMatchObject({
      status: 405,
      headers: { allow },
      body: { ...PROBLEM, status: 405 },
    });
  });

  test('OPTIONS says what is allowed, to anyone, and grants no other origin anything', async () => {
    const given = await host.api('OPTIONS', MESSAGES, {
      key: null,
      headers: { origin: 'https://example.com', 'access-control-request-method': 'POST' },
    });
    expect(given).toMatchObject({ status: 204, text: '', headers: { allow: 'POST, OPTIONS' } });
    expect(Object.keys(given.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('the body', () => {
  const good = JSON.stringify({ to: 'abc' });

  test.each([
    ['a comma too many', '{"to": "abc",}', 'position 13'],
    ['a text cut short', '{"to": "ab', 'position 10'],
    ['a line and column', '{\n  to: 1}', 'line 2, column 3'],
    ['nothing', '', 'empty'],
    ['one word', 'null null', 'position 5'],
  ])('that is not JSON is refused with the place: %s', async (_, body, detail) => {
    const given = await host.api('POST', MESSAGES, { body, headers: { 'content-type': 'application/json' } });
    expect(given).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      body: {
        ...PROBLEM,
        type: 'urn:fcm-relay:problem:invalid-json',
        detail: expect.stringContaining(detail),
        errors: [{ path: '', code: 'NOT_JSON' }],
      },
    });
    expect(given.text).not.toContain('abc');
  });

  test.each(['null', '[]', '"a text"', '5', 'true'])(
    'that is JSON of another kind is refused by name: %s',
    async (body) => {
      expect(await host.api('POST', MESSAGES, { body })).toMatchObject({
        status: 400,
        body: { ...PROBLEM, errors: [{ path: '', code: 'WRONG_TYPE' }] },
      });
    },
  );

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
    'nonsense',
    'application/json; charset="utf-16"',
  ])('of type %s is refused', async (type) => {
    expect(await host.api('POST', MESSAGES, { body: good, headers: { 'content-type': type } })).toMatchObject({
      status: 415,
      headers: { accept: 'application/json' },
      body: PROBLEM,
    });
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/vnd.api+json',
  ])('of type %s is read', async (type) => {
    expect((await host.api('POST', MESSAGES, { body: good, headers: { 'content-type': type } })).status).toBe(202);
  });

  test('may be gzipped', async () => {
    expect(
      (await host.api('POST', MESSAGES, { body: gzipSync(good), headers: { 'content-encoding': 'gzip' } })).status,
    ).toBe(202);
  });

  test('that is not UTF-8 is refused by name', async () => {
    const body = Buffer.from([...Buffer.from('{"to":"'), 0xff, ...Buffer.from('"}')]);
    expect(await host.api('POST', MESSAGES, { body })).toMatchObject({
      status: 400,
      body: { detail: 'The body is not UTF-8.' },
    });
  });

  test('over 8 MB is refused by size, under it by what is wrong with it', async () => {
    const withData = (bytes: number): string => JSON.stringify({ to: 'abc', data: { a: 'x'.repeat(bytes) } });
    expect(await host.api('POST', MESSAGES, { body: withData(8 * 1024 * 1024) })).toMatchObject({
      status: 413,
      body: PROBLEM,
    });
    expect(await host.api('POST', MESSAGES, { body: withData(7 * 1024 * 1024) })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'data', code: 'TOO_LARGE' }] },
    });
  });

  test('nested 100 000 levels deep is refused like any other', async () => {
    const body = `{"to":"abc","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect((await host.api('POST', MESSAGES, { body })).status).toBe(400);
  });
});

describe('what the platform would have answered itself, with an HTML page', () => {
  const body = gzipSync(JSON.stringify({ to: 'abc' }));
  const post = (more: object) => host.api('POST', MESSAGES, { body, ...more });

  test.each([
    ['utf-8', 415],
    ['gzip, gzip', 415],
    ['zstd', 415],
    ['x', 415],
    ['gzip;q=1', 415],
    ['compress', 415],
    ['constructor', 415],
  ])('an encoding that is none or not taken, with a right: %s', async (encoding, status) => {
    expect(await post({ headers: { 'content-encoding': encoding } })).toMatchObject({
      status,
      headers: { 'content-type': 'application/problem+json', 'accept-encoding': 'gzip, deflate, br' },
      body: { ...PROBLEM, type: 'urn:fcm-relay:problem:unsupported-encoding' },
    });
  });

  test.each([
    ['a gzip cut short', { body: body.subarray(0, body.length - 6), headers: { 'content-encoding': 'gzip' } }],
    ['no gzip', { body: Buffer.from('{"to":"abc"}'), headers: { 'content-encoding': 'gzip' } }],
    ['a deflate that is a gzip', { headers: { 'content-encoding': 'deflate' } }],
    [
      'a br cut short',
      { body: brotliCompressSync(JSON.stringify({ to: 'abc' })).subarray(0, 6), headers: { 'content-encoding': 'br' } },
    ],
  ])('%s', async (_, more) => {
    expect(await post(more)).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      body: { ...PROBLEM, type: 'urn:fcm-relay:problem:invalid-body' },
    });
  });

  test.each(['deflate', 'br', 'x-gzip', 'GZIP', 'identity', ''])(
    'but an encoding that is taken is read: %j',
    async (encoding) => {
      const text = JSON.stringify({ to: 'abc' });
      const encoded =
        { deflate: deflateSync(text), br: brotliCompressSync(text), 'x-gzip': body, GZIP: body }[encoding] ??
        Buffer.from(text);
      expect((await post({ body: encoded, headers: { 'content-encoding': encoding } })).status).toBe(202);
    },
  );

  test('what inflates to more than 8 MB is refused, though little came', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, ' '));
    expect(await post({ body: bomb, headers: { 'content-encoding': 'gzip' } })).toMatchObject({
      status: 413,
      body: PROBLEM,
    });
  });

  test.each([
    '/%zz',
    '/%ff',
    '/%',
    `${MESSAGES}/%zz`,
    `${MESSAGES}/%ff`,
    '/favicon.ico',
    '/robots.txt',
    '//',
    '/__/health',
  ])('a path that is none: %s', async (path) => {
    for (const method of ['GET', 'POST']) {
      const { status, headers, body: answered } = await host.api(method, path, { key: null });
      expect({ status, type: headers['content-type'], body: answered }).toMatchObject({
        status: 404,
        type: 'application/problem+json',
        body: PROBLEM,
      });
    }
  });

  test.each(['application/json; charset=nonsense', '/', ';;;', 'application/json; charset', '"'])(
    'a content-type that is none: %s',
    async (type) => {
      expect(await host.api('POST', MESSAGES, { body: '{', headers: { 'content-type': type } })).toMatchObject({
        headers: { 'content-type': 'application/problem+json' },
        body: PROBLEM,
      });
    },
  );

  const raw = (...lines: string[]) => rawRequest(host.apiPort, { head: `${lines.join('\r\n')}\r\n\r\n` });

  test.each([
    ['headers of 20 KB', ['GET / HTTP/1.1', 'host: a', `x: ${'x'.repeat(20_000)}`], 431],
    ['a path of 20 KB', [`GET /${'x'.repeat(20_000)} HTTP/1.1`, 'host: a'], 431],
    ['no HTTP', ['HELLO'], 400],
    ['an unknown method', ['FOO / HTTP/1.1', 'host: a'], 400],
    ['no host', ['GET / HTTP/1.1'], 400],
    ['a length that is none', ['POST / HTTP/1.1', 'host: a', 'content-length: x'], 400],
    ['two framings', ['POST / HTTP/1.1', 'host: a', 'content-length: 4', 'transfer-encoding: chunked'], 400],
    ['an unknown expectation', ['GET / HTTP/1.1', 'host: a', 'expect: tea'], 404],
  ])('%s', async (_, lines, status) => {
    const given = await raw(...lines);
    expect(given).toMatchObject({ status, body: { ...PROBLEM, status } });
    expect(given.text).toMatch(/content-type: application\/problem\+json/i);
  });

  test('a chunk that is none, of a caller with a right', async () => {
    const given = await raw(
      `POST ${MESSAGES} HTTP/1.1`,
      'host: a',
      `authorization: key=${KEYS.send}`,
      'content-type: application/json',
      'transfer-encoding: chunked',
      '',
      'zz',
    );
    expect(given).toMatchObject({ status: 400, body: PROBLEM });
  });

  test('each of them is logged, and none with a stack', () => {
    const refused = host.log.filter((line) => /"status":4(?:31|15|00)/.test(line));
    expect(refused.length).toBeGreaterThan(20);
    expect(host.log.some((line) => line.includes('HPE_HEADER_OVERFLOW'))).toBe(true);
    expect(host.log.join('\n')).not.toMatch(/ at .*node_modules/);
  });
});

describe('who may call', () => {
  const CHALLENGE = /^Bearer realm="fcm-relay"/;
  const calls: [string, string, object][] = [
    ['POST', MESSAGES, { body: { to: 'abc' } }],
    ['GET', `${MESSAGES}/a`, {}],
    ['DELETE', `${MESSAGES}/a`, {}],
  ];
  const statuses = (headers: Record<string, string>): Promise<number[]> =>
    Promise.all(
      calls.map(async ([method, path, more]) => (await host.api(method, path, { ...more, key: null, headers })).status),
    );

  test.each([
    ['nothing', {}],
    ['a wrong key', { authorization: 'key=wrong' }],
    ['an empty key', { authorization: 'key=' }],
    ['the hash of a key', { authorization: 'key=d3b07384d113edec49eaa6238ad5ff00' }],
    ['a right key under another scheme', { authorization: `Bearer ${KEYS.send.replaceAll(' ', '')}` }],
    ['a right key without a scheme', { authorization: KEYS.send }],
    ['Basic', { authorization: 'Basic YTpi' }],
    ['a token that is none', { authorization: 'Bearer a.b.c' }],
  ])('not one with %s: 401', async (_, headers: Record<string, string>) => {
    expect(await statuses(headers)).toEqual([401, 401, 401]);
    const given = await host.api('GET', `${MESSAGES}/a`, { key: null, headers });
    expect(given).toMatchObject({
      body: { ...PROBLEM, status: 401 },
      headers: { 'www-authenticate': expect.stringMatching(CHALLENGE) },
    });
  });

  test('a key that may only read: GET, and 403 for the rest', async () => {
    expect(await statuses({ authorization: `key=${KEYS.read}` })).toEqual([403, 404, 403]);
  });

  test('a key that may send: everything', async () => {
    expect(await statuses({ authorization: `key=${KEYS.send}` })).toEqual([202, 404, 404]);
    expect(await statuses({ authorization: `KEY = ${KEYS.send}` })).toEqual([202, 404, 404]);
  });

  test.each([
    ['send', [202, 404, 404]],
    ['read', [403, 404, 403]],
    ['admin', [403, 403, 403]],
    [undefined, [403, 403, 403]],
  ])('a signed-in user with the claim relay: %s', async (claim, expected) => {
    const { idToken } = await user(claim);
    expect(await statuses({ authorization: `Bearer ${idToken}` })).toEqual(expected);
  });

  test('the owner of a message is the user, by its uid', async () => {
    const { idToken, uid } = await user('send');
    const { body } = await host.api('POST', MESSAGES, {
      body: { to: 'abc' },
      key: null,
      headers: { authorization: `Bearer ${idToken}` },
    });
    expect(await host.api('GET', body.href)).toMatchObject({ body: { owner: `user:${uid}` } });
  });

  test('a token of another project is no good', async () => {
    const { idToken } = await user('send');
    const [head = '', payload = ''] = idToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const foreign = Buffer.from(
      JSON.stringify({ ...claims, aud: 'another', iss: 'https://securetoken.google.com/another' }),
    ).toString('base64url');
    expect(await statuses({ authorization: `Bearer ${head}.${foreign}.` })).toEqual([401, 401, 401]);
  });

  test('whoever is refused changes nothing, and no key or token is logged', async () => {
    const before = await documentCount(senderId);
    await statuses({ authorization: 'key=a wrong but secret key' });
    expect(await documentCount(senderId)).toBe(before);
    expect(host.log.join('\n')).not.toMatch(/a wrong but secret key|a key that may/);
  });
});

test('a call that nothing answers is 503 before the platform gives it up', async () => {
  const never = (): ApiPorts =>
    ({ apiKeys: [], verifyIdToken: () => new Promise(() => undefined) }) as unknown as ApiPorts;
  const request = {
    method: 'GET',
    url: `${MESSAGES}/a`,
    headers: { authorization: 'Bearer token' },
    body: () => Promise.resolve({ ok: true, bytes: Buffer.alloc(0) } as const),
  };
  // of its log lines: the logger looks for it once
  const silenced = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const { handleRequest } = await import('../../../functions/http/api.ts');
  const given = await handleRequest(never, request, 50);
  silenced.mockRestore();
  expect(given).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});
