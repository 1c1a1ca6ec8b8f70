import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { ApiPorts } from '../../../functions/http/api.ts';
import type { ApiRequest } from '../../../functions/http/server/api-response.ts';
import type { Received } from '../../../functions/http/server/receive.ts';
import { parseApiKeys } from '../../../relay/service/access/api-keys.ts';
import { World } from '../../relay/service/service-world.ts';

const KEY = JSON.stringify([{ name: 'a', sha256: createHash('sha256').update('a key').digest('hex'), can: ['send'] }]);
const keys = parseApiKeys(KEY);
const DEADLINE_MS = 200;

const silenced = [jest.spyOn(console, 'error'), jest.spyOn(console, 'info'), jest.spyOn(console, 'log')].map((spy) =>
  spy.mockImplementation(() => undefined),
);
afterAll(() => silenced.forEach((spy) => spy.mockRestore()));
const { handleRequest } = await import('../../../functions/http/api.ts'); // the logger looks for the console once

const worldOf = (): World & ApiPorts =>
  Object.assign(new World(), {
    apiKeys: keys.ok ? keys.keys : [],
    senders: ['42'],
    newMessageId: () => 'made',
  }) as unknown as World & ApiPorts;

const request = (body: () => Promise<Received>): ApiRequest => ({
  method: 'POST',
  url: '/v1/messages',
  headers: { authorization: 'key=a key', 'content-type': 'application/json' },
  body,
});

const slowly = async (received: Received): Promise<Received> => {
  await wait(2 * DEADLINE_MS);
  return received;
};

test('a body that comes slowly, within its own limit, is no failure of a dependency', async () => {
  const body = (): Promise<Received> => slowly({ ok: true, bytes: Buffer.from('{"to":"abc"}') });
  expect(await handleRequest(worldOf, request(body), DEADLINE_MS)).toMatchObject({
    status: 202,
    body: { message_id: 'made' },
  });
});

test('one that is late is 408, the fault of who sends it', async () => {
  const body = (): Promise<Received> => slowly({ ok: false, why: 'late' });
  expect(await handleRequest(worldOf, request(body), DEADLINE_MS)).toMatchObject({
    status: 408,
    facts: { by: 'key:a' },
  });
});

test('a dependency that is frozen is 503, whether the body came fast or slowly', async () => {
  const frozen = (): World & ApiPorts => {
    const world = worldOf();
    world.queue.faults.before = () => new Promise(() => undefined);
    return world;
  };
  const bytes = Buffer.from('{"to":"abc"}');
  for (const body of [() => Promise.resolve<Received>({ ok: true, bytes }), () => slowly({ ok: true, bytes })]) {
    expect(await handleRequest(frozen, request(body), DEADLINE_MS)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
  }
});
