import { ControlRefused, startFcmEmulator, type FcmEmulator } from '../../../fcm-emulator/index.ts';
import { WireClient } from '../support/wire-client.ts';

describe('the control API', () => {
  let emulator: FcmEmulator;
  beforeAll(async () => {
    emulator = await startFcmEmulator();
  });
  afterAll(() => emulator.close());

  test('describes every path, with the schemas it is served by', async () => {
    const text = await (await fetch(`${emulator.controlUrl}/openapi.json`)).text();
    const api = JSON.parse(text) as { paths: Record<string, object>; components: { schemas: Record<string, object> } };
    expect(Object.keys(api.paths)).toEqual(
      expect.arrayContaining([
        '/events',
        '/devices/{token}',
        '/upstream',
        '/rules',
        '/connections/{id}/half-open',
        '/stats',
        '/settings',
      ]),
    );
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(names).toContain('FaultInput');
    expect(Object.keys(api.components.schemas)).toEqual(expect.arrayContaining(names));
    expect(text).not.toContain('$defs');
  });

  test('rejects what its schemas do not allow, and says why', async () => {
    await expect(emulator.control.rules.add({ fault: { kind: 'nack' } as never })).rejects.toThrow(/400|error/);
    await expect(emulator.control.connection.close('c999')).rejects.toThrow(ControlRefused);
    await expect(emulator.control.settings.change({ pendingLimit: 0 })).rejects.toThrow('pendingLimit');
  });

  test('changes only the settings given, and reset restores them', async () => {
    const before = await emulator.control.settings.get();
    expect(await emulator.control.settings.change({ latencyMs: 5 })).toEqual({ ...before, latencyMs: 5 });
    await emulator.control.reset();
    expect(await emulator.control.settings.get()).toEqual(before);
  });

  test('numbers in data from a device keep their source text', async () => {
    const data = '{"id":1234567890123456789,"price":[1.10,-0,1e999]}';
    const post = await fetch(`${emulator.controlUrl}/upstream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `[{"from":"T","messageId":"u-1","timeToLive":60.0,"data":${data}}]`,
    });
    expect(post.status).toBe(200);
    const client = await WireClient.login(emulator);
    expect(await client.until('</message>')).toContain(`{"data":${data},"time_to_live":60,`);
    client.close();
  });

  test('creates, lists, subscribes and removes devices, whose tokens may hold any character', async () => {
    const token = 'a:b/c d?e';
    await emulator.control.devices.put(token, { online: false, topics: ['/topics/news'] });
    expect(await emulator.control.devices.get(token)).toMatchObject({
      token,
      online: false,
      topics: ['news'],
      stored: 0,
    });
    await emulator.control.unsubscribe(token, 'news');
    await emulator.control.devices.remove(token);
    expect(await emulator.control.devices.list()).toEqual([]);
  });
});
