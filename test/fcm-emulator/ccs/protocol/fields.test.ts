import { acked, nacked, offline, reached, server, to, TOKEN, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  ['§3', 'to: a registration token', () => acked(to())],
  [
    '§3',
    'to: a group key reaches each of its devices',
    () => {
      const s = server();
      s.backend.devices.putGroup('group-key', ['token-1', 'token-2']);
      s.login().send(to({ to: 'group-key' }));
      expect(s.backend.delivery.received().map(({ token }) => token)).toEqual(['token-1', 'token-2']);
    },
  ],
  ['§3', 'to: one topic', () => expect(reached({ to: '/topics/A' })).toEqual(['token-a', 'token-ab'])],
  ['§3', 'exactly one of to and condition: both', () => nacked(to({ condition: "'A' in topics" }))],
  ['§3', 'exactly one of to and condition: neither', () => nacked({ message_id: 'm' })],
  [
    '§3',
    "condition: 'A' in topics && 'B' in topics",
    () => expect(reached({ condition: "'A' in topics && 'B' in topics" })).toEqual(['token-ab']),
  ],
  [
    '§3',
    'condition: ||',
    () => expect(reached({ condition: "'B' in topics || 'C' in topics" })).toEqual(['token-ab', 'token-c']),
  ],
  [
    '§3',
    'condition: parentheses',
    () => expect(reached({ condition: "'A' in topics && ('B' in topics || 'C' in topics)" })).toEqual(['token-ab']),
  ],
  [
    '§3',
    'condition: at most 2 operators',
    () => nacked({ message_id: 'm', condition: "'A' in topics || 'B' in topics || 'C' in topics || 'D' in topics" }),
  ],
  [
    'source table 1',
    'condition: case-insensitive',
    () => expect(reached({ condition: "'b' IN Topics" })).toEqual(['token-ab']),
  ],
  ['§3', 'message_id: required', () => expect(server().login().send({ to: TOKEN })).toContain('type="error"')],
  [
    '§3',
    'message_id: unique per sender id, across its connections',
    () => {
      const s = server();
      const json = to();
      s.login().ask(json);
      expect(s.login().ask(json)).toMatchObject({ message_type: 'nack' });
    },
  ],
  [
    '§3',
    'collapse_key: only the last message of a key is kept',
    () => {
      const o = offline();
      for (const message_id of ['c1', 'c2', 'c3']) o.client.ask(to({ message_id, collapse_key: 'k' }));
      expect(o.back().map(({ messageId }) => messageId)).toEqual(['c3']);
    },
  ],
  ['§3', 'priority: normal or high', () => nacked(to({ priority: 'urgent' }))],
  [
    '§3',
    'priority: high with notification, normal for data',
    () => {
      const s = server();
      const client = s.login();
      client.ask(to({ notification: { title: 'a' } }));
      client.ask(to({ data: { a: 'b' } }));
      expect(s.backend.delivery.received().map(({ priority }) => priority)).toEqual(['high', 'normal']);
    },
  ],
  [
    '§3',
    'booleans are booleans',
    () => {
      for (const field of ['content_available', 'mutable_content', 'dry_run', 'delivery_receipt_requested'])
        nacked(to({ [field]: 'true' }));
    },
  ],
  [
    '§3',
    'dry_run: answered, not delivered',
    () => {
      const s = server();
      expect(s.login().ask(to({ dry_run: true }))).toMatchObject({ message_type: 'ack' });
      expect(s.backend.delivery.received()).toEqual([]);
    },
  ],
  [
    '§3',
    'time_to_live: 0 … 2 419 200',
    () => {
      for (const ttl of [0, 2_419_200]) acked(to({ time_to_live: ttl }));
      for (const ttl of [-1, 2_419_201, 1.5]) nacked(to({ time_to_live: ttl }));
    },
  ],
  ['§3', 'time_to_live: a numeric string is accepted', () => acked(to({ time_to_live: '600' }))],
  ['§3', 'data: an object', () => nacked(to({ data: 'text' }))],
  [
    '§3',
    'data: values are converted to strings',
    () => {
      const s = server();
      s.login().ask(to({ data: { n: 1, b: true, o: { a: [1] } } }));
      expect(s.backend.delivery.received()).toMatchObject([{ data: { n: '1', b: 'true', o: '{"a":[1]}' } }]);
    },
  ],
  [
    '§3',
    'data: numbers keep their source text',
    () => {
      const s = server();
      const data = '{"i":1234567890123456789,"o":[1.10,-0],"e":1e999}';
      s.login().send(`{"to":"device-token-1","message_id":"m","time_to_live":60.0,"data":${data}}`);
      expect(s.backend.delivery.received()).toMatchObject([
        { data: { i: '1234567890123456789', o: '[1.10,-0]', e: '1e999' } },
      ]);
    },
  ],
  [
    '§3',
    'data: reserved keys',
    () => {
      for (const key of ['from', 'gcm', 'message_type', 'google', 'google.x', 'gcm_y'])
        nacked(to({ data: { [key]: 'x' } }));
    },
  ],
  [
    '§3',
    "data: field names are allowed as keys, FCM's own value wins",
    () => {
      const s = server();
      s.login().ask(to({ collapse_key: 'own', data: { collapse_key: 'theirs' } }));
      expect(s.backend.delivery.received()).toMatchObject([{ data: { collapse_key: 'own' } }]);
    },
  ],
  [
    '§3',
    'notification: an object of strings',
    () => {
      nacked(to({ notification: 'x' }));
      nacked(to({ notification: { title: 1 } }));
      nacked(to({ notification: { color: 'red' } }));
    },
  ],
  [
    '§3',
    'payload ≤ 4096 bytes of keys and values',
    () => {
      acked(to({ data: { k: 'x'.repeat(4_095) } }));
      nacked(to({ data: { k: 'x'.repeat(4_096) } }));
      nacked(to({ data: { k: 'ż'.repeat(2_048) } }));
    },
  ],
  [
    '§3',
    '≤ 2048 for topics and conditions',
    () => {
      acked(to({ to: '/topics/a', data: { k: 'x'.repeat(2_047) } }));
      nacked(to({ to: '/topics/a', data: { k: 'x'.repeat(2_048) } }));
      nacked({ message_id: 'm', condition: "'A' in topics", data: { k: 'x'.repeat(2_048) } });
    },
  ],
  ['§3', 'no registration_ids', () => nacked({ message_id: 'm', registration_ids: [TOKEN] })],
  [
    '§3',
    '*_loc_args as an array, badge as a number',
    () => acked(to({ notification: { body_loc_args: ['a'], title_loc_args: '["a"]', badge: 1 } })),
  ],
];

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
