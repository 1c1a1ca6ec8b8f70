import { readFileSync } from 'node:fs';
import { startFcmEmulator } from '../../../../fcm-emulator/index.ts';
import type { FcmEmulator } from '../../../../fcm-emulator/index.ts';
import { connectCcs } from '../../../../relay/adapters/xmpp/connect-ccs.ts';
import type { CcsConnection } from '../../../../relay/adapters/xmpp/ccs-connection.ts';
import type { CloseReason } from '../../../../relay/adapters/xmpp/close-reason.ts';
import { decodeFrame } from '../../../../relay/protocol/ccs/decode.ts';
import type { InboundFrame } from '../../../../relay/protocol/ccs/frame.ts';

interface Client {
  readonly connection: CcsConnection;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<CloseReason>;
  /** The next frame. */
  readonly frame: () => Promise<InboundFrame>;
}

/** The same wire, read a second time by others: protocol.md is all that they share with us. */
describe('with the CCS emulator', () => {
  let emulator: FcmEmulator;
  beforeAll(async () => {
    emulator = await startFcmEmulator();
  });
  afterAll(() => emulator.close());

  function connect(serverKey = 'server-key'): Client {
    const frames: InboundFrame[] = [];
    const waiting: ((frame: InboundFrame) => void)[] = [];
    const opened = Promise.withResolvers<undefined>();
    const closed = Promise.withResolvers<CloseReason>();
    const endpoint = {
      url: `xmpps://127.0.0.1:${emulator.port}`,
      domain: 'fcm.googleapis.com',
      senderId: '1234567890',
      serverKey,
      ca: readFileSync(emulator.caPath, 'utf8'),
    };
    const connection = connectCcs(
      endpoint,
      {
        onOpen: () => opened.resolve(undefined),
        onFrame: (frame) => {
          const waiter = waiting.shift();
          if (waiter === undefined) frames.push(frame);
          else waiter(frame);
        },
        onClosed: (reason) => closed.resolve(reason),
      },
      { decode: decodeFrame },
    );
    const frame = async (): Promise<InboundFrame> =>
      frames.shift() ?? (await new Promise<InboundFrame>((resolve) => waiting.push(resolve)));
    return { connection, opened: opened.promise, closed: closed.promise, frame };
  }
  const TOKEN = 'emulatorToken0:APA91bEmulatorTokenThatIsLongEnough_0123456789';

  test('a downstream message is acked, one that is none comes back as a stanza error', async () => {
    const { connection, opened, closed, frame } = connect();
    await opened;
    connection.send('1', JSON.stringify({ to: TOKEN, message_id: 'm-1', data: { k: '<&>"\ufffe日本👩‍👩‍👧‍👦' } }));
    expect(await frame()).toEqual({ kind: 'ack', messageId: 'm-1' });
    expect(await emulator.control.received(TOKEN)).toMatchObject([{ data: { k: '<&>"\ufffe日本👩‍👩‍👧‍👦' } }]);
    connection.send('2', '{"random":"text"}');
    expect(await frame()).toMatchObject({ kind: 'stanzaError', code: '400', condition: 'bad-request' });
    expect(await connection.ping(5_000)).toBe('answered');
    await connection.close(5_000);
    expect(await closed).toMatchObject({ kind: 'closedByUs', detail: 'the peer closed the stream' });
  });

  test('a wrong key is refused', async () => {
    expect(await connect('another-key').closed).toEqual({ kind: 'refusedCredentials', detail: 'SASL: not-authorized' });
  });

  test('upstream text comes whole in chunks of 1 to 7 bytes, and draining is told', async () => {
    await emulator.control.settings.change({ chunk: { min: 1, max: 7 }, gcmForm: 'mixed' });
    const { connection, opened, frame } = connect();
    await opened;
    const text = 'Ελληνικά עברית हिन्दी 日本語 👩‍👩‍👧‍👦 <![CDATA[&amp;]]>';
    for (const n of [1, 2, 3, 4]) {
      await emulator.control.upstream({ from: TOKEN, data: { text, n: String(n) } });
      expect(await frame()).toMatchObject({ kind: 'upstream', from: TOKEN, data: { text, n: String(n) } });
    }
    await emulator.control.settings.change({ chunk: null });
    await emulator.control.drainAll();
    expect(await frame()).toEqual({ kind: 'control', controlType: 'CONNECTION_DRAINING' });
    connection.destroy();
  });

  test('a half-open connection is silent: the ping says so; a reset and an orderly close are told apart', async () => {
    const silent = connect();
    await silent.opened;
    const [open] = (await emulator.control.connections()).slice(-1);
    await emulator.control.connection.halfOpen(open?.id ?? '');
    expect(await silent.connection.ping(100)).toBe('timedOut');
    silent.connection.destroy();

    const reset = connect();
    await reset.opened;
    await emulator.control.resetAll();
    expect(await reset.closed).toMatchObject({ kind: 'reset' });
    const orderly = connect();
    await orderly.opened;
    await emulator.control.closeAll();
    expect(await orderly.closed).toMatchObject({ kind: 'orderly' });
  });
});
