import { parseJson } from '../../../relay/protocol/json/json.ts';
import { Driver, SENDER, START_MS } from './support/driver.ts';

function receive(driver: Driver, connection = 'c1', messageId = 'u1'): void {
  driver.report(connection, {
    kind: 'upstream',
    messageId,
    from: 'device',
    category: 'com.example',
    data: { a: '1' },
    length: 0,
  });
}

/** The key of a message of `receive`, as the machine makes it. */
function keyOf(messageId: string): string {
  const other = new Driver().open();
  receive(other, 'c1', messageId);
  return other.only('publish').key;
}
const published = (driver: Driver, messageId = 'u1'): void => driver.feed({ kind: 'published', key: keyOf(messageId) });
const failed = (driver: Driver, messageId = 'u1'): void =>
  driver.feed({ kind: 'publishFailed', key: keyOf(messageId) });

test('an upstream message is published, and acked only then, on the connection it came in on', () => {
  const driver = new Driver({ connections: 2 }).open();
  receive(driver, 'c2');
  expect(driver.did()).toEqual(['publish u1']);
  published(driver);
  expect(driver.only('ackUpstream')).toEqual({
    kind: 'ackUpstream',
    connection: 'c2',
    from: 'device',
    messageId: 'u1',
  });
});

test('its event carries what the device sent, and an id that is the same for every repeat', () => {
  const driver = new Driver().open();
  receive(driver);
  const { event } = driver.only('publish');
  expect(event).toMatchObject({
    type: 'fcm.upstream.received',
    senderId: SENDER,
    timeMs: START_MS,
    data: {
      sender_id: SENDER,
      message_id: 'u1',
      from: 'device',
      category: 'com.example',
      data: { a: '1' },
      received_at: '2026-10-01T00:00:00.000Z',
    },
  });
  const other = new Driver().open();
  other.nowMs += 9_000;
  receive(other);
  expect(other.only('publish').event.id).toBe(event.id);
});

test('without a category, and with a payload that is no object, it is published and acked all the same', () => {
  const driver = new Driver().open();
  driver.report('c1', { kind: 'upstream', messageId: 'u1', from: 'device', data: 'odd', length: 0 });
  const { key, event } = driver.only('publish');
  expect(event.data).toMatchObject({ category: null, data: 'odd' });
  driver.feed({ kind: 'published', key });
  expect(driver.did()).toEqual(['publish u1', 'ack u1 on c1']);
});

test('the same id from two devices is two messages', () => {
  const driver = new Driver().open();
  for (const from of ['device', 'another'])
    driver.report('c1', { kind: 'upstream', messageId: 'u1', from, data: {}, length: 0 });
  const [first, second] = driver.of('publish');
  expect(driver.of('publish')).toHaveLength(2);
  expect(first!.event.id).not.toBe(second!.event.id);
});

describe('another message under a used id', () => {
  const send = (driver: Driver, data: unknown, { connection = 'c1', category = 'app' } = {}): void =>
    driver.report(connection, { kind: 'upstream', messageId: '1', from: 'device', category, data, length: 0 });
  const keyed = (driver: Driver): string => driver.of('publish').at(-1)!.key;

  test.each<[string, unknown, unknown]>([
    ['value', { a: '1' }, { a: '2' }],
    ['key', { a: '1' }, { b: '1' }],
    ['number of the same value', parseJson('{"a":1.0}'), parseJson('{"a":1.00}')],
    ['type', { a: '1' }, { a: 1 }],
    ['structure', { a: 1 }, [['a', 1]]],
    ['structure, empty', {}, []],
    ['nothing', {}, undefined],
  ])('is published under an id of its own: another %s', (_, first, second) => {
    const driver = new Driver().open();
    send(driver, first);
    driver.feed({ kind: 'published', key: keyed(driver) });
    send(driver, second);
    expect(driver.notes('upstream').map(({ repeated }) => repeated)).toEqual([false, false]);
    driver.feed({ kind: 'published', key: keyed(driver) });
    expect(new Set(driver.of('publish').map(({ event }) => event.id)).size).toBe(2);
    expect(driver.did()).toEqual(['publish 1', 'ack 1 on c1', 'publish 1', 'ack 1 on c1']);
  });

  test('the same content with its keys in another order is the same message', () => {
    const driver = new Driver().open();
    send(driver, { a: { x: 1, 1: 2 }, b: [1] });
    send(driver, { b: [1], a: { 1: 2, x: 1 } });
    expect(driver.did()).toEqual(['publish 1']);
  });

  test('another category makes another message', () => {
    const driver = new Driver().open();
    send(driver, {});
    send(driver, {}, { category: 'other' });
    expect(driver.did()).toEqual(['publish 1', 'publish 1']);
  });

  test('while the first is being published: no ack under their id before both are published', () => {
    const driver = new Driver().open();
    send(driver, { a: '1' });
    const first = keyed(driver);
    send(driver, { a: '2' });
    const second = keyed(driver);
    driver.did();
    driver.feed({ kind: 'published', key: first });
    send(driver, { a: '1' }); // a repeat of what is published: not acked either
    expect(driver.did()).toEqual([]);
    driver.feed({ kind: 'published', key: second });
    expect(driver.did()).toEqual(['ack 1 on c1', 'ack 1 on c1', 'ack 1 on c1']);
    send(driver, { a: '1' });
    expect(driver.did()).toEqual(['ack 1 on c1']);
  });

  test('one that is given up with its connection holds no ack back', () => {
    const driver = new Driver({ connections: 2 }).open();
    send(driver, { a: '1' });
    const first = keyed(driver);
    send(driver, { a: '2' }, { connection: 'c2' });
    const second = keyed(driver);
    driver.feed({ kind: 'published', key: first });
    driver.did();
    driver.closed('c2');
    driver.feed({ kind: 'publishFailed', key: second });
    driver.pass(300);
    expect(driver.did()).toContain('ack 1 on c1');
    expect(driver.relay.status().publishing).toBe(0);
  });

  test.each<[string, Partial<ConstructorParameters<typeof Driver>[0]>, (driver: Driver) => void]>([
    ['for want of room', { upstreamLimit: 1 }, () => undefined],
    ['because of a stop', {}, (driver) => driver.stop(0)],
  ])(
    'that is refused %s: no ack under their id on that connection, or CCS would take it for both',
    (_, config, first) => {
      const driver = new Driver({ connections: 2, ...config }).open();
      send(driver, { a: '1' });
      const key = keyed(driver);
      first(driver);
      send(driver, { a: '2' });
      expect(driver.notes('upstreamRefused')).toHaveLength(1);
      driver.did();
      driver.feed({ kind: 'published', key });
      send(driver, { a: '1' }); // a repeat of what is published
      expect(driver.did().filter((done) => done.startsWith('ack'))).toEqual([]);
      driver.did();
      send(driver, { a: '1' }, { connection: 'c2' });
      expect(driver.did()).toEqual(['ack 1 on c2']);
    },
  );

  test('ids with line breaks do not meet those of other devices: each gets its own ack', () => {
    const driver = new Driver().open();
    const frames = [
      { messageId: 'a', from: 'b\nc' },
      { messageId: 'a\nb', from: 'c' },
    ];
    for (const frame of frames) driver.report('c1', { kind: 'upstream', ...frame, data: {}, length: 0 });
    for (const { key } of driver.of('publish')) driver.feed({ kind: 'published', key });
    const acks = driver.of('ackUpstream');
    expect(acks.map(({ messageId, from }) => ({ messageId, from }))).toEqual(frames);
  });

  test('receipts of one message from two devices are two receipts', () => {
    const driver = new Driver().open();
    for (const device of ['a', 'b', 'a']) {
      driver.report('c1', {
        kind: 'receipt',
        messageId: 'dr2:m1',
        from: 'gcm.googleapis.com',
        originalMessageId: 'm1',
        data: { device_registration_id: device },
        length: 0,
      });
    }
    expect(driver.of('publish')).toHaveLength(2);
  });
});

test('acks never wait for the window', () => {
  const driver = new Driver({ pendingLimit: 1 }).open();
  driver.pending('m1');
  receive(driver);
  published(driver);
  expect(driver.did()).toEqual(['publish u1', 'ack u1 on c1']);
  expect(driver.connections).toEqual(['c1 open 1']);
});

describe('a repeat', () => {
  test('while it is being published is not published twice; each connection it came in on gets its ack', () => {
    const driver = new Driver({ connections: 2 }).open();
    receive(driver, 'c1');
    receive(driver, 'c1');
    receive(driver, 'c2');
    expect(driver.notes('upstream').map(({ connection, repeated }) => [connection, repeated])).toEqual([
      ['c1', false],
      ['c1', true],
      ['c2', true],
    ]);
    published(driver);
    expect(driver.did()).toEqual(['publish u1', 'ack u1 on c1', 'ack u1 on c2']);
  });

  test('after it was published is only acked', () => {
    const driver = new Driver({ connections: 2 }).open();
    receive(driver, 'c1');
    published(driver);
    driver.did();
    receive(driver, 'c2');
    expect(driver.did()).toEqual(['ack u1 on c2']);
  });
});

describe('a connection that is gone', () => {
  function gone(driver: Driver): void {
    driver.pass(2_000);
    driver.closed('c1');
    driver.opened('c2');
    driver.did();
  }

  test('before it is published gets no ack, nor does another; the repeat on the next one does, unpublished', () => {
    const driver = new Driver().open();
    receive(driver);
    gone(driver);
    published(driver);
    expect(driver.did()).toEqual([]);
    receive(driver, 'c2');
    expect(driver.did()).toEqual(['ack u1 on c2']);
  });

  test('while publishing fails: given up, since CCS sends it again itself', () => {
    const driver = new Driver().open();
    receive(driver);
    gone(driver);
    failed(driver);
    driver.pass(1_000);
    expect(driver.did()).toEqual([]);
    expect(driver.relay.status().publishing).toBe(0);
    receive(driver, 'c2');
    expect(driver.did()).toEqual(['publish u1']);
  });

  test('unless it came in again on one that is still there', () => {
    const driver = new Driver({ connections: 2 }).open();
    receive(driver, 'c1');
    receive(driver, 'c2');
    driver.closed('c1');
    failed(driver);
    driver.did();
    driver.pass(300);
    expect(driver.did()).toContain('publish u1');
    published(driver);
    expect(driver.did()).toEqual(['ack u1 on c2']);
  });
});

test('a publish that fails is repeated with a backoff, the same event', () => {
  const driver = new Driver().open();
  receive(driver);
  const { event } = driver.only('publish');
  failed(driver);
  expect(driver.notes('publishFailed')).toEqual([{ kind: 'publishFailed', failures: 1 }]);
  driver.forget();
  driver.pass(300);
  expect(driver.only('publish').event).toBe(event);
  failed(driver);
  driver.forget();
  driver.pass(599);
  expect(driver.did()).toEqual([]);
  driver.pass(1);
  expect(driver.did()).toEqual(['publish u1']);
});

test('an answer to a publish that is over changes nothing', () => {
  const driver = new Driver().open();
  receive(driver);
  failed(driver);
  published(driver);
  driver.forget();
  published(driver);
  failed(driver);
  driver.pass(1_000);
  expect(driver.effects.filter(({ kind }) => kind !== 'wake')).toEqual([]);
});

test('past the limit of what is being published, more is left un-acked, repeats excepted', () => {
  const driver = new Driver({ upstreamLimit: 2 }).open();
  for (const id of ['u1', 'u2', 'u3', 'u2']) receive(driver, 'c1', id);
  expect(driver.notes('upstreamRefused')).toEqual([{ kind: 'upstreamRefused', connection: 'c1' }]);
  expect(driver.did()).toEqual(['publish u1', 'publish u2']);
  published(driver, 'u1');
  receive(driver, 'c1', 'u3');
  expect(driver.did()).toEqual(['ack u1 on c1', 'publish u3']);
});

test('past the length that may be in publication, more of that connection is left un-acked', () => {
  const driver = new Driver({ connections: 2, upstreamLength: 1_000 }).open();
  const receiveLong = (messageId: string, length: number, connection = 'c1'): void => {
    const frame = {
      kind: 'upstream',
      messageId,
      from: 'device',
      category: 'com.example',
      data: { a: '1' },
      length: 0,
    } as const;
    driver.report(connection, { ...frame, length });
  };
  receiveLong('u1', 600);
  receiveLong('u2', 401);
  receiveLong('u3', 400);
  expect(driver.notes('upstreamRefused')).toHaveLength(1);
  receiveLong('u1', 600); // a repeat holds nothing more
  receiveLong('u2', 600, 'c2');
  expect(driver.did()).toEqual(['publish u1', 'publish u3', 'publish u2']);
  published(driver, 'u1');
  receiveLong('u4', 601);
  receiveLong('u5', 600);
  expect(driver.did()).toEqual(['ack u1 on c1', 'publish u5']);
});

test('what a closed connection had in publication counts no more when it is given up', () => {
  const driver = new Driver({ connections: 2, upstreamLength: 1_000 }).open();
  const frame = {
    kind: 'upstream',
    messageId: 'u1',
    from: 'device',
    category: 'com.example',
    data: { a: '1' },
    length: 0,
  } as const;
  driver.report('c1', { ...frame, length: 1_000 });
  driver.report('c2', { ...frame, length: 1_000 });
  driver.closed('c1');
  published(driver);
  const next = { ...frame, messageId: 'u2' };
  driver.report('c2', { ...next, length: 1_000 });
  expect(driver.did()).toEqual(['publish u1', 'ack u1 on c2', 'publish u2']);
});

test('so many published ones are remembered, the oldest are forgotten first', () => {
  const driver = new Driver({ upstreamMemory: 2 }).open();
  for (const id of ['u1', 'u2', 'u3']) {
    receive(driver, 'c1', id);
    published(driver, id);
  }
  driver.did();
  for (const id of ['u3', 'u2', 'u1']) receive(driver, 'c1', id);
  expect(driver.did()).toEqual(['ack u3 on c1', 'ack u2 on c1', 'publish u1']);
});

describe('a receipt', () => {
  test('is published as an event of its message, and acked under its dr2 id', () => {
    const driver = new Driver().open();
    driver.report('c1', {
      kind: 'receipt',
      messageId: 'dr2:m1',
      from: 'gcm.googleapis.com',
      originalMessageId: 'm1',
      status: 'MESSAGE_SENT_TO_DEVICE',
      data: { at: '1' },
      length: 0,
    });
    const { key, event } = driver.only('publish');
    expect(event).toMatchObject({
      type: 'fcm.message.receipt',
      data: { sender_id: SENDER, message_id: 'm1', status: 'MESSAGE_SENT_TO_DEVICE', data: { at: '1' } },
    });
    driver.feed({ kind: 'published', key });
    expect(driver.only('ackUpstream')).toMatchObject({ from: 'gcm.googleapis.com', messageId: 'dr2:m1' });
  });

  test('with nothing in it is acked all the same', () => {
    const driver = new Driver().open();
    driver.report('c1', {
      kind: 'receipt',
      messageId: 'dr2:x',
      from: 'gcm.googleapis.com',
      data: undefined,
      length: 0,
    });
    const { key, event } = driver.only('publish');
    expect(event.data).toMatchObject({ message_id: null, status: null });
    driver.feed({ kind: 'published', key });
    expect(driver.of('ackUpstream')).toHaveLength(1);
  });
});
