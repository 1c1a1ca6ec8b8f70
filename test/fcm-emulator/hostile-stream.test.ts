import fc from 'fast-check';
import { hostileStream } from './hostile-stream.ts';
import { ruleSchema } from '../../fcm-emulator/faults/rules.ts';
import { upstreamSchema } from '../../fcm-emulator/ccs/upstream-desk.ts';
import { memoryCcs } from './memory-client.ts';

test('whatever a client sends, the session neither throws nor depends on how the bytes are cut', () =>
  fc.assert(hostileStream, { numRuns: 500 }));

test('a stanza a byte at a time costs time in proportion to its length', () => {
  const client = memoryCcs().login();
  const bytes = Buffer.from(
    `<message><gcm xmlns="google:mobile:data">{"to":"device-token","message_id":"m","data":{"k":"${'ż&amp;'.repeat(500)}"}}</gcm></message>`,
  );
  for (const byte of bytes) client.session.receive(Buffer.of(byte));
  expect(client.take()).toContain('"message_type":"ack"');
});

/** Faults by share, answers in any order, ids of the server's own: all of it drawn from the seed. */
function run(seed: string): string {
  const { ccs, clock, login } = memoryCcs({ seed, gcmForm: 'mixed' });
  const client = login();
  ccs.faults.add(
    ruleSchema.parse({ match: { share: 0.3 }, fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' } }),
    clock.now(),
  );
  ccs.faults.add(ruleSchema.parse({ fault: { kind: 'shuffle', windowMs: 1_000 } }), clock.now());
  for (let at = 0; at < 50; at += 1) client.send({ to: 'device-token', message_id: `m-${at}` });
  ccs.upstreamDesk.submit(upstreamSchema.parse({ from: 'device-token' }), '1234567890');
  clock.advance(1_000);
  return client.take();
}

test('the same seed and the same script: the same transcript; another seed, another', () => {
  expect(run('a')).toBe(run('a'));
  expect(run('b')).not.toBe(run('a'));
});
