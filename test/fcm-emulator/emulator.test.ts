import { startFcmEmulator, type FcmEmulator } from '../../fcm-emulator/index.ts';
import { frames, WireClient } from './support/wire-client.ts';

const prefixed = (json: string): string =>
  `<message><data:gcm xmlns:data="google:mobile:data">${json}</data:gcm></message>`;

describe('over TLS', () => {
  let emulator: FcmEmulator;
  beforeAll(async () => {
    emulator = await startFcmEmulator({ keepaliveMs: 0 });
  });
  afterAll(() => emulator.close());
  afterEach(async () => {
    await emulator.control.closeAll();
    await emulator.control.reset();
  });

  const TOKEN = 'device-token-1';
  const to = (messageId: string, more: object = {}): object => ({
    to: TOKEN,
    message_id: messageId,
    data: { hello: 'wörld' },
    ...more,
  });

  test('a message is acked and delivered to the device', async () => {
    const client = await WireClient.login(emulator);
    client.send(to('m-1'));
    expect(await client.until('</message>')).toBe(
      prefixed(`{"message_type":"ack","from":"${TOKEN}","message_id":"m-1"}`),
    );
    expect(await emulator.control.received(TOKEN)).toMatchObject([
      { messageId: 'm-1', data: { hello: 'wörld' }, from: '1234567890' },
    ]);
    expect(await emulator.control.messages()).toMatchObject([
      { messageId: 'm-1', connection: expect.any(String), answer: 'ack' },
    ]);
    expect(await emulator.control.messageCounts()).toEqual({ 'm-1': { received: 1, acked: 1 } });
    client.close();
  });

  test('a wrong key is refused, and the stream closes', async () => {
    await expect(WireClient.login(emulator, '1234567890@fcm.googleapis.com', 'wrong')).rejects.toThrow(
      '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure></stream:stream>',
    );
  });

  test('a rule nacks each message as often as it says, then the message is acked', async () => {
    const client = await WireClient.login(emulator);
    await emulator.control.rules.add({ fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' }, timesPerMessage: 2 });
    for (let attempt = 0; attempt < 3; attempt += 1) client.send(to('m-1'));
    const answers = frames(await client.until((text) => frames(text).length === 3));
    expect(answers.map(({ error }) => error)).toEqual(['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE', undefined]);
    expect(await emulator.control.received()).toHaveLength(1);
    client.close();
  });

  test('an un-acked upstream message goes to the next new connection, and can be acked only there', async () => {
    const first = await WireClient.login(emulator);
    await emulator.control.upstream({ from: TOKEN, data: { text: '<&>"\u{1F600}' }, messageId: 'u-1' });
    const [body] = frames(await first.until('</message>'));
    expect(body).toEqual({
      data: { text: '<&>"\u{1F600}' },
      time_to_live: 86400,
      from: TOKEN,
      message_id: 'u-1',
      category: 'com.example.app',
    });
    const second = await WireClient.login(emulator);
    second.send({ to: TOKEN, message_id: 'u-1', message_type: 'ack' }, 'a-1');
    expect(await second.until('</message>')).toContain('code="406"');
    first.close();
    await first.untilClosed();
    const third = await WireClient.login(emulator);
    expect(frames(await third.until((text) => frames(text).length === 1))).toMatchObject([{ message_id: 'u-1' }]);
    third.send({ to: TOKEN, message_id: 'u-1', message_type: 'ack' });
    third.send({ to: TOKEN, message_id: 'u-1', message_type: 'ack' }); // repeated: harmless
    third.send(to('m-1'));
    await third.until('</message>');
    const [state] = await emulator.control.upstreamState('u-1');
    expect(state).toMatchObject({
      state: 'acked',
      foreignAcks: [expect.any(String)],
      sends: [{}, { connection: state?.ackedOn }],
    });
    second.close();
    third.close();
  });

  test.each(['close', 'reset'] as const)(
    '%s by rule ends the connection before the answer; a resend is a duplicate',
    async (kind) => {
      const client = await WireClient.login(emulator);
      await emulator.control.rules.add({ fault: { kind }, times: 1 });
      client.send(to('m-1'));
      expect(await client.untilClosed()).toBe(kind === 'close' ? '</stream:stream>' : '');
      const next = await WireClient.login(emulator);
      next.send(to('m-1'));
      expect(frames(await next.until('</message>'))).toMatchObject([
        { error: 'INVALID_JSON', error_description: 'Message with the same id has been received before' },
      ]);
      next.close();
    },
  );

  test('a half-open connection goes silent and stays open', async () => {
    const client = await WireClient.login(emulator);
    const [connection] = await emulator.control.connections();
    await emulator.control.connection.halfOpen(connection!.id);
    client.send(to('m-1'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([client.take(), client.closed]).toEqual(['', false]);
    client.close();
  });

  test('draining: a control message, nacks for new messages, upstream and its acks, then the close', async () => {
    const client = await WireClient.login(emulator);
    await emulator.control.drainAll({ closeAfterMs: 300 });
    expect(await client.until('</message>')).toBe(
      prefixed('{"message_type":"control","control_type":"CONNECTION_DRAINING"}'),
    );
    client.send(to('m-1'));
    expect(frames(await client.until('</message>'))).toMatchObject([
      { message_type: 'nack', error: 'CONNECTION_DRAINING', message_id: 'm-1' },
    ]);
    await emulator.control.upstream({ from: TOKEN, messageId: 'u-1' });
    await client.until('</message>');
    client.send({ to: TOKEN, message_id: 'u-1', message_type: 'ack' });
    expect(await client.untilClosed()).toBe('</stream:stream>');
    expect(await emulator.control.upstreamState()).toMatchObject([{ state: 'acked' }]);
  });

  test('output in chunks of 1 to 7 bytes arrives whole', async () => {
    const client = await WireClient.login(emulator);
    await emulator.control.settings.change({ chunk: { min: 1, max: 7 } });
    await emulator.control.upstreamAll(
      Array.from({ length: 50 }, (_, at) => ({
        from: TOKEN,
        messageId: `u-${at}`,
        data: { text: 'żółć 漢字 \u{1F469}\u200D\u{1F4BB}' },
      })),
    );
    const bodies = frames(await client.until((text) => frames(text).length === 50));
    expect(new Set(bodies.map(({ data }) => (data as { text: string }).text))).toEqual(
      new Set(['żółć 漢字 \u{1F469}\u200D\u{1F4BB}']),
    );
    client.close();
  });

  test('the highest number pending on a connection counts the messages without an answer', async () => {
    const client = await WireClient.login(emulator);
    await emulator.control.settings.change({ latencyMs: 50 });
    client.write(
      Array.from(
        { length: 120 },
        (_, at) => `<message><gcm xmlns="google:mobile:data">${JSON.stringify(to(`m-${at}`))}</gcm></message>`,
      ).join(''),
    );
    await client.until((text) => frames(text).length === 120);
    expect(await emulator.control.connections()).toMatchObject([{ pending: 0, highestPending: 120, received: 120 }]);
    expect((await emulator.control.stats()).downstream.pastPendingLimit).toBe(20);
    client.close();
  });

  test('a client that does not read is not read from, and misses nothing once it reads', async () => {
    const slow = await WireClient.login(emulator);
    slow.socket.pause();
    const COUNT = 20_000;
    const padding = 'x'.repeat(2_000);
    const received = async (): Promise<number> => (await emulator.control.connections())[0]?.received ?? 0;
    // each is echoed in full by a stanza error
    for (let at = 0; at < COUNT; at += 1) slow.send(`no JSON ${at} ${padding}`);
    let [before, now] = [-1, 0];
    while (now === 0 || now !== before) {
      [before, now] = [now, await received()];
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(now).toBeLessThan(COUNT); // the rest waits on the client's side
    const other = await WireClient.login(emulator);
    other.send(to('m-1'));
    expect(frames(await other.until('</message>'))).toMatchObject([{ message_type: 'ack' }]);
    const echoed: number[] = [];
    let rest = '';
    await new Promise<void>((resolve) => {
      slow.socket
        .removeAllListeners('data')
        .on('data', (text: string) => {
          const stanzas = (rest + text).split('</message>');
          rest = stanzas.pop() ?? '';
          echoed.push(...stanzas.map((stanza) => Number(/no JSON (\d+) /.exec(stanza)?.[1])));
          if (echoed.length === COUNT) resolve();
        })
        .resume();
    });
    expect(echoed).toEqual(Array.from({ length: COUNT }, (_, at) => at));
    slow.close();
    other.close();
  }, 60_000);

  test('events are reported as they happen', async () => {
    const stop = new AbortController();
    const types: string[] = [];
    const client = await WireClient.login(emulator);
    const events = emulator.control.events(stop.signal);
    const first = events.next();
    for (let at = 0; at < 50 && types.length === 0; at += 1) {
      client.send(to(`m-${at}`));
      await client.until('</message>');
      const got = await Promise.race([
        first,
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20)),
      ]);
      if (got?.value !== undefined) types.push(got.value.type);
    }
    expect(types).toEqual([expect.stringMatching(/^(downstream|delivered)$/)]);
    stop.abort();
    await events.return();
    client.close();
  });
});
