import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';

/**
 * The process that `firebase emulators:start` runs a function in: Express 4 and a body-parser of its own, on a socket
 * file.
 */
const ROOT = join(import.meta.dirname, '../..');
const RUNTIME = join(ROOT, 'node_modules/firebase-tools/lib/emulator/functionsEmulatorRuntime.js');
jest.setTimeout(60_000); // two cores for emulators, functions and tests
let folder: string;
let child: ChildProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const key = { name: 'a', sha256: createHash('sha256').update('a key').digest('hex'), can: ['send'] };
  child = spawn(process.execPath, [RUNTIME], {
    cwd: join(ROOT, 'functions'),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      ...process.env,
      FUNCTIONS_EMULATOR: 'true',
      FUNCTION_TARGET: 'api',
      FUNCTION_SIGNATURE_TYPE: 'http',
      K_SERVICE: 'api',
      PORT: join(folder, 'socket'),
      FIREBASE_CONFIG: '{"projectId":"demo-relay"}',
      RELAY_SENDERS: '42',
      RELAY_TOPIC_PREFIX: '',
      RELAY_API_KEYS: JSON.stringify([key]),
      TOKEN_HASH_KEY: 'a key for functions tests',
    },
  });
  while ((await call('GET', '/__/health').catch(() => undefined))?.status !== 200) await wait(100);
});
afterAll(async () => {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  await rm(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, headers: object = {}, body = Buffer.alloc(0)) {
  const length = body.length > 0 ? { 'content-type': 'application/json', 'content-length': body.length } : {};
  const sent = request({
    socketPath: join(folder, 'socket'),
    agent: false,
    method,
    path,
    headers: { connection: 'close', ...length, ...headers },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, type: answer.headers['content-type'], text: await textOf(answer) };
}

const PROBLEM = 'application/problem+json';
const AUTHORIZED = { authorization: 'key=a key' };
const bad = Buffer.from('{"to":1}');

test.each<[string, number, Parameters<typeof call>]>([
  ['a bomb without a key', 404, ['POST', '/x', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000))]],
  ['what is no JSON, without a key', 401, ['POST', '/v1/messages', {}, Buffer.from('{')]],
  ['a bad message', 400, ['POST', '/v1/messages', AUTHORIZED, bad]],
  [
    'a bad message in gzip',
    400,
    ['POST', '/v1/messages', { ...AUTHORIZED, 'content-encoding': 'gzip' }, gzipSync(bad)],
  ],
  ['an encoding that is none', 415, ['POST', '/v1/messages', { ...AUTHORIZED, 'content-encoding': 'utf-8' }, bad]],
  ['a path that is none', 404, ['GET', '/v1/messages/%zz']],
  ['what crawlers ask for', 404, ['GET', '/robots.txt']],
])('%s is answered by us: %i', async (_, status, args) => {
  expect(await call(...args)).toMatchObject({ status, type: PROBLEM });
});

test('the fields of a message are read, so its body is', async () => {
  const { text } = await call('POST', '/v1/messages', { ...AUTHORIZED, 'content-encoding': 'gzip' }, gzipSync(bad));
  expect(JSON.parse(text)).toMatchObject({ errors: [{ path: 'to', code: 'WRONG_TYPE' }] });
});
