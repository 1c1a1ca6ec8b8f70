import { frames } from '../../support/wire-client.ts';
import { ack, server, to, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  [
    '§7',
    'CONNECTION_DRAINING has no message_id',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session);
      expect(frames(client.take())).toEqual([{ message_type: 'control', control_type: 'CONNECTION_DRAINING' }]);
    },
  ],
  [
    '§7',
    'nothing new may be sent on it',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session);
      client.take();
      expect(client.ask(to())).toMatchObject({ error: 'CONNECTION_DRAINING' });
    },
  ],
  [
    '§7',
    'pending messages are still answered',
    () => {
      const s = server({ latencyMs: 10 });
      const client = s.login();
      client.send(to());
      s.ccs.drain(client.session);
      client.take();
      s.clock.advance(10);
      expect(frames(client.take())).toMatchObject([{ message_type: 'ack' }]);
    },
  ],
  [
    '§7',
    'it stays open: upstream is still delivered and acked',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session);
      client.take();
      s.upstream({ messageId: 'u' });
      expect(frames(client.take())).toMatchObject([{ message_id: 'u' }]);
      client.send(ack('u'));
      expect(s.ccs.upstreamRecords.counters.acked).toBe(1);
    },
  ],
  [
    '§7',
    'CCS closes it',
    () => {
      const s = server();
      const client = s.login();
      s.ccs.drain(client.session, 5_000);
      s.clock.advance(4_999);
      expect(client.ended).toBe(false);
      s.clock.advance(1);
      expect([client.ended, client.take()]).toEqual([true, expect.stringMatching(/<\/stream:stream>$/)]);
    },
  ],
];

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
