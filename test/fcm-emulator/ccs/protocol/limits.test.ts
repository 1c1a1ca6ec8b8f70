import { frames } from '../../support/wire-client.ts';
import { offline, server, to, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  [
    '§8',
    '4 collapse keys per device',
    () => {
      const o = offline();
      for (let at = 0; at < 5; at += 1) o.client.ask(to({ collapse_key: `k${at}` }));
      expect(o.back().map(({ collapseKey }) => collapseKey)).toEqual(['k1', 'k2', 'k3', 'k4']);
    },
  ],
  [
    '§8',
    '100 stored messages per device',
    () => {
      const o = offline();
      for (let at = 0; at < 100; at += 1) o.client.ask(to());
      expect(o.back()).toHaveLength(100);
    },
  ],
  [
    '§8',
    'one more: all are dropped and the device is told',
    () => {
      const o = offline();
      for (let at = 0; at < 101; at += 1) o.client.ask(to());
      expect(o.back()).toMatchObject([{ kind: 'deletedMessages' }]);
    },
  ],
  [
    '§8',
    'a stored message expires after its time_to_live',
    () => {
      const o = offline();
      o.client.ask(to({ time_to_live: 10 }));
      o.client.ask(to({ message_id: 'long' }));
      o.clock.advance(10_000);
      expect(o.back().map(({ messageId }) => messageId)).toEqual(['long']);
    },
  ],
  [
    '§8',
    'time_to_live 0: now or never',
    () => {
      const o = offline();
      o.client.ask(to({ time_to_live: 0 }));
      expect(o.back()).toEqual([]);
    },
  ],
  [
    '§8',
    '20 upstream messages are held on an offline device',
    () => {
      const o = offline();
      const states = Array.from({ length: 21 }, () => o.upstream().state);
      expect(states.filter((state) => state === 'held')).toHaveLength(20);
      expect(states.at(-1)).toBe('refused');
      o.client.take();
      o.back();
      expect(frames(o.client.take())).toHaveLength(20);
    },
  ],
  [
    '§8',
    '5 000 an hour to one device',
    () => {
      const s = server({ rateLimits: true });
      const client = s.login();
      for (let at = 0; at < 5_000; at += 1) {
        if (at % 240 === 0) s.clock.advance(60_000);
        client.ask(to());
      }
      s.clock.advance(60_000);
      expect(client.ask(to())).toMatchObject({ error: 'DEVICE_MESSAGE_RATE_EXCEEDED' });
    },
  ],
  [
    '§8',
    'collapsible burst: 20, one more every 3 minutes',
    () => {
      const s = server({ rateLimits: true });
      const client = s.login();
      for (let at = 0; at < 22; at += 1) client.ask(to({ collapse_key: 'k' }));
      expect(s.backend.delivery.received()).toHaveLength(20);
      s.clock.advance(180_000);
      expect(s.backend.delivery.received()).toHaveLength(21);
    },
  ],
];

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
