import { frames } from '../../support/wire-client.ts';
import { ack, server, to, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  [
    '§5',
    'a message without an answer is pending',
    () => {
      const s = server({ latencyMs: 10 });
      const client = s.login();
      client.send(to());
      expect(client.session.counts.pending).toBe(1);
      s.clock.advance(10);
      client.take();
      expect(client.session.counts).toMatchObject({ pending: 0, highestPending: 1 });
    },
  ],
  [
    '§5',
    'past 100: handled as usual, and counted',
    () => {
      const s = server({ latencyMs: 10 });
      const client = s.login();
      for (let at = 0; at < 101; at += 1) client.send(to());
      s.clock.advance(10);
      expect(frames(client.take())).toHaveLength(101);
      expect(s.backend.history.counters.pastPendingLimit).toBe(1);
    },
  ],
  [
    '§5',
    'past 100: nacked, as an option',
    () => {
      const s = server({ latencyMs: 10, overLimit: 'nack' });
      const client = s.login();
      for (let at = 0; at < 101; at += 1) client.send(to());
      s.clock.advance(20);
      expect(frames(client.take()).filter(({ message_type: type }) => type === 'nack')).toHaveLength(1);
    },
  ],
  [
    '§5',
    'past 100: closed, as an option',
    () => {
      const s = server({ latencyMs: 10, overLimit: 'close' });
      const client = s.login();
      for (let at = 0; at < 101; at += 1) client.send(to());
      s.clock.advance(100);
      expect(client.ended).toBe(true);
    },
  ],
  [
    '§5',
    'upstream acks are exempt',
    () => {
      const s = server({ latencyMs: 10, overLimit: 'close' });
      const client = s.login();
      for (let at = 0; at < 100; at += 1) client.send(to());
      s.upstream({ messageId: 'u' });
      client.take();
      client.send(ack('u'));
      expect([client.ended, s.ccs.upstreamRecords.counters.acked]).toEqual([false, 1]);
    },
  ],
  [
    '§5',
    'CCS stops sending upstream at 100 un-acked',
    () => {
      const s = server();
      const client = s.login();
      for (let at = 0; at < 101; at += 1) s.upstream({ messageId: `u-${at}` });
      expect(frames(client.take())).toHaveLength(100);
      expect(frames(client.send(ack('u-50')))).toMatchObject([{ message_id: 'u-100' }]);
    },
  ],
  [
    '§5',
    'a message pending on a lost connection, resent on another, is a duplicate',
    () => {
      const s = server({ latencyMs: 10 });
      const json = to();
      const first = s.login();
      first.send(json);
      first.session.lost('test');
      const second = s.login();
      second.send(json);
      s.clock.advance(10);
      expect(frames(second.take())).toMatchObject([
        { error_description: 'Message with the same id has been received before' },
      ]);
      expect(s.backend.delivery.received()).toHaveLength(1);
    },
  ],
];

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
