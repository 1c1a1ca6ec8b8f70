import { BIND } from '../../support/memory-client.ts';
import { frames } from '../../support/wire-client.ts';
import { ack, features, server, SESSION, to, TOKEN, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  [
    '§6',
    'upstream has from, category, message_id, data, time_to_live and no message_type',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ messageId: 'u', data: { a: 'b' } });
      expect(frames(client.take())).toEqual([
        { data: { a: 'b' }, time_to_live: 86_400, from: TOKEN, message_id: 'u', category: 'com.example.app' },
      ]);
    },
  ],
  [
    '§6',
    'an ack settles it',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ messageId: 'u' });
      client.take();
      expect(client.send(ack('u'))).toBe('');
      expect(s.ccs.upstreamRecords.list()).toMatchObject([{ state: 'acked', ackedOn: 'c1' }]);
    },
  ],
  [
    '§6',
    'upstream is never nacked: a nack is a bad ack',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ messageId: 'u' });
      client.take();
      expect(frames(client.send({ ...ack('u'), message_type: 'nack' }))).toMatchObject([{ error: 'BAD_ACK' }]);
    },
  ],
  [
    '§6',
    'an ack counts only on the connection that the message was sent on',
    () => {
      const s = server();
      const [first, second] = [s.login(), s.login()];
      s.upstream({ messageId: 'u' });
      first.take();
      expect(second.send(ack('u'))).toMatch(/code="406".*Received acks for messages not sent over this connection/);
      expect(s.ccs.upstreamRecords.list()).toMatchObject([{ state: 'sent', foreignAcks: ['c2'] }]);
    },
  ],
  [
    '§6',
    'un-acked messages are sent again on the next new connection, not on an existing one',
    () => {
      const s = server();
      const [first, second] = [s.login(), s.login()];
      s.upstream({ messageId: 'u' });
      first.take();
      first.session.lost('test');
      expect(second.take()).toBe('');
      expect(frames(s.login().take())).toMatchObject([{ message_id: 'u' }]);
    },
  ],
  [
    '§6',
    'un-acked messages are sent again only until they expire',
    () => {
      const s = server();
      const first = s.login();
      s.upstream({ messageId: 'u', timeToLive: 10 });
      first.take();
      first.session.lost('test');
      s.clock.advance(10_000);
      expect(s.login().take()).toBe('');
      expect(s.ccs.upstreamRecords.list()).toMatchObject([{ state: 'expired' }]);
    },
  ],
  [
    '§6',
    'waiting messages are sent a moment after the bind, never with its result',
    () => {
      const s = server({ upstreamDelayMs: 100 });
      s.upstream({ messageId: 'u' });
      const client = s.connect();
      features(client);
      expect(client.write(BIND)).toMatch(/<\/iq>$/);
      s.clock.advance(99);
      expect(client.take()).toBe('');
      s.clock.advance(1);
      expect(frames(client.take())).toMatchObject([{ message_id: 'u' }]);
      expect(client.write(SESSION)).toBe('<iq id="s" type="result"/>'); // requested late: nothing waits any more
      s.upstream({ messageId: 'u-2' });
      expect(frames(client.take())).toMatchObject([{ message_id: 'u-2' }]);
    },
  ],
  [
    '§6',
    'nor with the session result that follows, whatever happens meanwhile',
    () => {
      const s = server({ upstreamDelayMs: 100 });
      const client = s.connect();
      features(client);
      client.write(BIND);
      s.upstream({ messageId: 'u' });
      s.clock.advance(99);
      expect(client.write(SESSION)).toBe('<iq id="s" type="result"/>');
      s.upstream({ messageId: 'u-2' });
      s.backend.changeSettings({ upstreamWindow: 50 });
      s.clock.advance(99);
      expect(client.take()).toBe('');
      s.clock.advance(1);
      expect(frames(client.take())).toMatchObject([{ message_id: 'u' }, { message_id: 'u-2' }]);
    },
  ],
  [
    '§6',
    'if that connection is lost before upstream starts, they wait for the next',
    () => {
      const s = server({ upstreamDelayMs: 100 });
      const first = s.login();
      s.clock.advance(100);
      s.upstream({ messageId: 'u' });
      first.take();
      first.session.lost('test');
      s.login().session.lost('test');
      s.clock.advance(1_000);
      const third = s.login();
      s.clock.advance(100);
      expect(frames(third.take())).toMatchObject([{ message_id: 'u' }]);
    },
  ],
  [
    '§6',
    'a receipt, as in older documents, is acked by its dr2: id',
    () => {
      const s = server({ receipts: true });
      const client = s.login();
      const [, receipt] = frames(client.send({ to: TOKEN, message_id: 'm', delivery_receipt_requested: true }));
      expect(receipt).toMatchObject({
        message_type: 'receipt',
        message_id: 'dr2:m',
        from: 'gcm.googleapis.com',
        data: {
          message_status: 'MESSAGE_SENT_TO_DEVICE',
          original_message_id: 'm',
          device_registration_id: TOKEN,
          message_sent_timestamp: expect.any(String),
        },
      });
      expect(client.send(ack('dr2:m', 'gcm.googleapis.com'))).toBe('');
      expect(s.ccs.upstreamRecords.counters.acked).toBe(1);
    },
  ],
  [
    '§6',
    'receipts are off by default',
    () =>
      expect(
        frames(
          server()
            .login()
            .send(to({ delivery_receipt_requested: true })),
        ),
      ).toHaveLength(1),
  ],
  [
    '§6',
    'an unknown message_type can be sent',
    () => {
      const s = server();
      const client = s.login();
      s.upstream({ extra: { message_type: 'news' } });
      expect(frames(client.take())).toMatchObject([{ message_type: 'news' }]);
    },
  ],
];

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
