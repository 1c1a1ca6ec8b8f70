import { once } from 'node:events';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import { allowedHosts, rejectionOf } from '../../../fcm-emulator/control/admission.ts';
import { startFcmEmulator, type FcmEmulator } from '../../../fcm-emulator/index.ts';
import { WireClient } from '../support/wire-client.ts';

const HOSTS = allowedHosts({ host: '127.0.0.1', port: 5280 }, ['ccs', 'example.test:8080']);
const JSON_BODY = { 'content-type': 'application/json', 'content-length': '2' };
const status = (headers: Record<string, string>, target = '/reset'): number | undefined =>
  rejectionOf({ target, headers: { host: 'localhost:5280', ...headers } }, HOSTS)?.status;

describe('a call to the control API', () => {
  test.each(['localhost:5280', 'LOCALHOST:5280', '127.0.0.1:5280', '[::1]:5280', 'ccs:5280', 'example.test:8080'])(
    'is served for Host %s',
    (host) => {
      expect(status({ host })).toBeUndefined();
    },
  );

  test.each([
    '',
    'localhost',
    'localhost:5281',
    'localhost.:5280',
    'evil.example:5280',
    'localhost.evil.example:5280',
    '127.0.0.1.evil.example:5280',
    '127.0.0.2:5280',
    '2130706433:5280',
    'example.test:5280',
    'localhost:5280@evil.example',
    'evil.example, localhost:5280',
    '::1:5280',
    hostname() + ':5280',
  ])('is refused for Host %j', (host) => {
    expect(status({ host })).toBe(421);
  });

  test('is served under every name of the machine if it listens on all addresses; on port 80 without a port', () => {
    const everywhere = allowedHosts({ host: '0.0.0.0', port: 80 }, []);
    expect([...everywhere]).toEqual(
      expect.arrayContaining(['0.0.0.0:80', `${hostname().toLowerCase()}:80`, 'localhost']),
    );
    expect(everywhere).not.toContain('evil.example');
    expect([...allowedHosts({ host: '::', port: 5280 }, [])]).toContain('[::]:5280');
  });

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:5280' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is refused from a web page: %j', (headers) => {
    expect(status({ ...JSON_BODY, ...headers })).toBe(403);
  });

  test('is served when its address is typed into a browser', () => {
    expect(status({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, '/stats')).toBeUndefined();
  });

  test.each([
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    'application/jsonp',
    'application/json-patch+json',
  ])('is rejected with a body that is %j, not JSON', (type) => {
    expect(status({ ...JSON_BODY, 'content-type': type })).toBe(415);
    expect(status({ 'transfer-encoding': 'chunked', 'content-type': type })).toBe(415);
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON ;charset=utf-8'])(
    'may have a body of %s, or none',
    (type) => {
      expect(status({ ...JSON_BODY, 'content-type': type })).toBeUndefined();
      expect(status({ 'content-length': '0' })).toBeUndefined();
    },
  );

  test('must name a path, not another server', () => {
    expect(status({}, 'http://evil.example/reset')).toBe(400);
    expect(status({}, '*')).toBe(400);
  });
});

describe('over HTTP', () => {
  let emulator: FcmEmulator;
  beforeAll(async () => {
    emulator = await startFcmEmulator({ controlNames: ['ccs'], heartbeatMs: 20 });
  });
  afterAll(() => emulator.close());

  async function call(
    path: string,
    headers: OutgoingHttpHeaders,
    body = '',
  ): Promise<{ status: number | undefined; headers: IncomingMessage['headers']; text: string }> {
    const sent = request({ host: '127.0.0.1', port: emulator.controlPort, path, method: 'POST', headers });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  }

  const rule = JSON.stringify({ fault: { kind: 'refuseAuth' } });

  test('a cross-site POST, a rebound name and a form change nothing, and are told why', async () => {
    const json = { 'content-type': 'application/json' };
    expect(await call('/rules', { ...json, origin: 'https://evil.example' }, rule)).toMatchObject({
      status: 403,
      text: expect.stringContaining('Origin'),
    });
    expect(await call('/rules', { ...json, host: `evil.example:${emulator.controlPort}` }, rule)).toMatchObject({
      status: 421,
      text: expect.stringContaining('--control-name'),
    });
    expect(await call('/rules', { 'content-type': 'text/plain' }, rule)).toMatchObject({
      status: 415,
      text: expect.stringContaining('application/json'),
    });
    expect(await call('/reset', { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' }, 'x')).toMatchObject({
      status: 415,
    });
    expect(await emulator.control.rules.list()).toEqual([]);
    expect(await call('/rules', { ...json, host: `ccs:${emulator.controlPort}` }, rule)).toMatchObject({
      status: 200,
      headers: { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' },
    });
    expect(await call('/reset', {})).toMatchObject({ status: 204 }); // curl -X POST
  });

  test('no answer allows another site to read it', async () => {
    const { headers } = await call('/reset', { origin: 'https://evil.example' });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('the event stream has a heartbeat, which the client ignores', async () => {
    const stop = new AbortController();
    const response = await fetch(`${emulator.controlUrl}/events`, { signal: stop.signal });
    let text = '';
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (text.split(': still here\n\n').length > 3) break;
    }
    expect(text).toMatch(/^: listening\n\n(?:: still here\n\n)+$/);
    const events = emulator.control.events(stop.signal);
    const first = events.next();
    await new Promise((resolve) => setTimeout(resolve, 100)); // several heartbeats
    const client = await WireClient.connect(emulator);
    expect(await first).toMatchObject({ value: { type: 'connectionOpened' } });
    stop.abort();
    await events.return();
    client.close();
  });

  test('the client does not read events with fetch, whose body times out after five silent minutes', async () => {
    const { fetch: real } = globalThis;
    globalThis.fetch = () => Promise.reject(new Error('fetch'));
    const stop = new AbortController();
    const first = emulator.control.events(stop.signal).next();
    try {
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      globalThis.fetch = real;
      stop.abort();
    }
    expect(await first).toEqual({ done: true, value: undefined });
  });
});

test('the control API stays on loopback if XMPP listens on all addresses', async () => {
  const emulator = await startFcmEmulator({ host: '0.0.0.0' });
  try {
    expect(emulator.controlUrl).toBe(`http://127.0.0.1:${emulator.controlPort}`);
    await expect(fetch(`http://127.0.0.2:${emulator.controlPort}/stats`)).rejects.toThrow();
    expect(await emulator.control.stats()).toBeDefined();
  } finally {
    await emulator.close();
  }
});

test('the control API listens elsewhere if configured to', async () => {
  const emulator = await startFcmEmulator({ controlHost: '0.0.0.0' });
  try {
    expect(emulator.controlUrl).toBe(`http://0.0.0.0:${emulator.controlPort}`);
    expect(await emulator.control.stats()).toBeDefined();
  } finally {
    await emulator.close();
  }
});
