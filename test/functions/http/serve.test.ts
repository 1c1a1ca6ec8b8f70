import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import type { ApiPorts } from '../../../functions/http/api.ts';
import { parseApiKeys } from '../../../relay/service/access/api-keys.ts';
import { World } from '../../relay/service/service-world.ts';

const KEY = JSON.stringify([{ name: 'a', sha256: createHash('sha256').update('a key').digest('hex'), can: ['send'] }]);

test('a body that a platform has read and inflated is taken from where it put it', async () => {
  const silenced = [jest.spyOn(console, 'error'), jest.spyOn(console, 'info'), jest.spyOn(console, 'log')].map((spy) =>
    spy.mockImplementation(() => undefined),
  );
  const { serve } = await import('../../../functions/http/serve.ts'); // the logger looks for the console once
  const keys = parseApiKeys(KEY);
  const ports = Object.assign(new World(), {
    apiKeys: keys.ok ? keys.keys : [],
    senders: ['42'],
    newMessageId: () => 'made',
  }) as unknown as ApiPorts;
  const handle = serve(() => ports);
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const parsed = Object.assign(request, { rawBody: Buffer.from('{"to":"abc"}') }) as unknown as Parameters<
        typeof handle
      >[0];
      void handle(parsed, response as unknown as Parameters<typeof handle>[1]);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/messages`, {
    method: 'POST',
    body: 'still compressed',
    headers: {
      authorization: 'key=a key',
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      connection: 'close',
    },
  });
  expect({ status: answer.status, body: await answer.json() }).toMatchObject({
    status: 202,
    body: { message_id: 'made', sender_id: '42' },
  });
  await new Promise((resolve) => server.close(resolve));
  silenced.forEach((spy) => spy.mockRestore());
});
