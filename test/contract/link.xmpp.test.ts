import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startFcmEmulator } from '../../fcm-emulator/index.ts';
import { xmppTransport } from '../../relay/adapters/xmpp/link.ts';
import { linkContract } from './link.contract.ts';

const GONE = 'aDeviceGone:APA91bTokenThatIsLongEnoughToBeOne_0123456789';

linkContract('XMPP, against the emulator', async () => {
  const emulator = await startFcmEmulator();
  const { control } = emulator;
  const transport = xmppTransport({
    url: `xmpps://127.0.0.1:${emulator.port}`,
    domain: 'fcm.googleapis.com',
    senderId: '1234567890',
    serverKey: 'server-key',
    ca: readFileSync(emulator.caPath, 'utf8'),
  });
  const calm = async (): Promise<void> => {
    await control.reset();
    await control.devices.put(GONE, { state: 'unregistered' });
  };
  await calm();
  return {
    transport,
    refused: { to: GONE, verdict: 'failToken', code: 'DEVICE_UNREGISTERED' },
    silence: () => control.rules.add({ fault: { kind: 'silence' } }).then(() => undefined),
    refuseLogins: () => control.rules.add({ fault: { kind: 'refuseAuth' } }).then(() => undefined),
    upstream: (messageId, from) => control.upstream({ messageId, from, data: { id: messageId } }).then(() => undefined),
    isAcked: async (messageId) => (await control.upstreamState(messageId))[0]?.ackedOn !== undefined,
    drain: () => control.drainAll(),
    hangUp: () => control.closeAll(),
    reset: () => control.resetAll(),
    pass: () => delay(10),
    calm,
    close: () => emulator.close(),
  };
});
