import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const WORKER = join(import.meta.dirname, '../../worker/index.ts');
const ENVIRONMENT = {
  GOOGLE_CLOUD_PROJECT: 'demo-relay',
  FCM_SENDER_ID: '1234567890',
  FCM_SERVER_KEY: 'a-key',
  TOKEN_HASH_KEY: '0123456789abcdef',
  FCM_XMPP_URL: 'xmpps://127.0.0.1:9',
  PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
  FIRESTORE_EMULATOR_HOST: '127.0.0.1:9',
};

async function start(environment: Readonly<Record<string, string>>): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, ...ENVIRONMENT, ...environment };
  const child = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
  return { code, said };
}

test('a port that is taken is a mistake of the environment, not a defect', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, said } = await start({ PORT: String(port) });
  taken.close();
  expect({ code, said }).toEqual({
    code: 78,
    said: `invalid worker environment (1):\n  PORT ${port} is already in use\n`,
  });
});

test.each(['192.0.2.1', 'no-such-host.invalid', '999.1.1.1'])('so is a host that is none of ours: %s', async (host) => {
  const { code, said } = await start({ HOST: host, PORT: '0' });
  expect({ code, said }).toEqual({
    code: 78,
    said: expect.stringMatching(/^ {2}HOST is not an address of this machine \(\w+\)$/m),
  });
});

test('so is white space around a key', async () => {
  const { code, said } = await start({ FCM_SERVER_KEY: 'a-key\n' });
  expect({ code, said }).toEqual({
    code: 78,
    said: expect.stringMatching(/^ {2}FCM_SERVER_KEY must not have surrounding white space/m),
  });
});
