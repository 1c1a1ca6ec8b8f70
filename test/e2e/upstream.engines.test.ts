import { Rig } from '../../dev/stack/rig/rig.ts';
import { until } from '../../dev/stack/until.ts';

const COUNT = 5_000;

/**
 * Every kind of text that a device may send: scripts, emoji, entities, lookalikes of XML and CDATA, odd white space.
 */
const TEXTS = [
  'Zażółć gęślą jaźń',
  'Съешь ещё этих мягких булок',
  'Ελληνικά',
  'עברית',
  'العربية',
  'हिन्दी',
  'বাংলা',
  'தமிழ்',
  'ไทย',
  '中文字符',
  '日本語テキスト',
  '한국어',
  'ქართული',
  'አማርኛ',
  '👩‍👩‍👧‍👦🏳️‍🌈🇵🇱',
  '𝒳𐍈𠜎',
  'e\u0301 vs é',
  '<b>&amp;&lt;&#x41;</b>',
  '<![CDATA[ ]]> ]]>',
  '"quotes" \'single\' \\ back',
  'tab\tnew\nline\r\n',
  '\u0001\u001f\u007f',
  '\ufffe\uffff',
  '\u200b\u202e\ufeff',
  '</gcm></message>',
  '',
];

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ ccs: { latencyMs: 0, chunk: { min: 1, max: 7 } } });
}, 60_000);
afterAll(() => rig.close(), 30_000);

const sentText = (n: number): string => `${TEXTS[n % TEXTS.length] ?? ''}${n}`;

test(`${COUNT} upstream messages in chunks of 1 to 7 bytes: texts intact, acks on their own connection`, async () => {
  const { control } = rig.ccs;
  const silence = await control.rules.add({
    match: { messageIdPrefix: 'pending-' },
    fault: { kind: 'silence', accept: true },
  });
  await rig.accept(
    Array.from({ length: 150 }, (_, n) => ({
      message_id: `pending-${n}`,
      to: `a-device-token-${n}`,
      data: { a: 'b' },
    })),
  );
  await until(async () => (await control.connections())[0]?.pending === 100, {
    withinMs: 30_000,
    what: () => 'the window did not fill',
  });

  await control.upstreamAll(
    Array.from({ length: COUNT }, (_, n) => ({
      from: `upstream-device-${n}`,
      category: 'com.example.app',
      messageId: `up-${n}`,
      data: { text: sentText(n) },
    })),
  );
  const events = await rig.events.waitFor('fcm.upstream.received', COUNT, 120_000);

  const texts = new Map(events.map(({ data }) => [data['message_id'], (data['data'] as { text: string }).text]));
  expect(texts).toEqual(new Map(Array.from({ length: COUNT }, (_, n) => [`up-${n}`, sentText(n)])));
  expect(events[0]?.data).toMatchObject({
    sender_id: rig.senderId,
    category: 'com.example.app',
    from: expect.stringMatching(/^upstream-device-/),
    received_at: expect.any(String),
  });

  await until(async () => (await control.upstreamState()).every(({ state }) => state === 'acked'), {
    withinMs: 30_000,
    what: () => 'not all upstream messages are acked',
  });
  const states = await control.upstreamState();
  expect(
    states.every(({ sends, ackedOn, foreignAcks }) => ackedOn === sends.at(-1)?.connection && foreignAcks.length === 0),
  ).toBe(true);
  expect((await control.connections())[0]).toMatchObject({ pending: 100, unackedUpstream: 0 });
  expect((await control.stats()).upstream).toMatchObject({ acked: COUNT, foreignAcks: 0, badAcks: 0 });
  await control.rules.remove(silence);
}, 240_000);

test('after a reset, unacked messages are resent, acked on the new connection, and keep their event id', async () => {
  const { control } = rig.ccs;
  await control.resetAll();
  await control.upstreamAll(
    Array.from({ length: 200 }, (_, n) => ({
      from: 'a-device',
      category: 'app',
      messageId: `again-${n}`,
      data: { n: String(n) },
    })),
  );
  await until(async () => (await control.upstreamState()).every(({ state }) => state === 'acked'), {
    withinMs: 60_000,
    what: () => 'not all upstream messages are acked',
  });
  const events = (await rig.events.waitFor('fcm.upstream.received', COUNT + 200)).filter(({ data }) =>
    String(data['message_id']).startsWith('again-'),
  );
  expect(new Set(events.map(({ id }) => id)).size).toBe(200);
  expect((await control.stats()).upstream.foreignAcks).toBe(0);
}, 120_000);

test('a different message under a used id is another event; numbers keep their text; no data is {}', async () => {
  const { control, controlUrl } = rig.ccs;
  const numbers = '{"id":1234567890123456789,"list":[1.10,-0,1e999]}';
  const sent = [`,"data":${numbers}`, ',"data":{"id":1234567890123456788}', ''].map(
    (data) => `{"from":"a-device","messageId":"1"${data}}`,
  );
  const post = await fetch(`${controlUrl}/upstream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `[${sent.join()}]`,
  });
  expect(post.status).toBe(200);
  const found = () => rig.events.of('fcm.upstream.received').filter(({ data }) => data['message_id'] === '1');
  await until(() => new Set(found().map(({ id }) => id)).size === 3, {
    withinMs: 30_000,
    what: () => `${found().length} events`,
  });
  const texts = found().map(({ text }) => text);
  for (const data of [numbers, '{"id":1234567890123456788}', '{}'])
    expect(texts).toContainEqual(expect.stringContaining(`"data":${data},`));
  await until(async () => (await control.upstreamState('1')).every(({ state }) => state === 'acked'), {
    withinMs: 30_000,
    what: () => 'not acked',
  });
  expect((await control.stats()).upstream.foreignAcks).toBe(0);
}, 60_000);
