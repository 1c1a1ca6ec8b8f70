import fc from 'fast-check';
import { hostileStream } from './hostile-stream.ts';
import { ruleSchema } from '../../../fcm-emulator/faults/rules.ts';
import { upstreamSchema } from '../../../fcm-emulator/devices/upstream-message.ts';
import { memoryServer } from '../support/memory-client.ts';

test('whatever a client sends, the session neither throws nor depends on how the bytes are split', () =>
  fc.assert(hostileStream, { numRuns: 500 }));

test('parsing a stanza byte by byte takes time linear in its length', () => {
  const client = memoryServer().login();
  const json = `{"to":"device-token","message_id":"m","data":{"k":"${'ż&amp;'.repeat(500)}"}}`;
  const bytes = Buffer.from(`<message><gcm xmlns="google:mobile:data">${json}</gcm></message>`);
  for (const byte of bytes) client.session.receive(Buffer.of(byte));
  expect(client.take()).toContain('"message_type":"ack"');
});

/** Everything random comes from the seed: faults by share, the order of answers, the server's own ids. */
function run(seed: string): string {
  const { backend, ccs, clock, login } = memoryServer({ seed, gcmForm: 'mixed' });
  const client = login();
  backend.faults.add(
    ruleSchema.parse({ match: { share: 0.3 }, fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' } }),
    clock.now(),
  );
  backend.faults.add(ruleSchema.parse({ fault: { kind: 'shuffle', windowMs: 1_000 } }), clock.now());
  for (let at = 0; at < 50; at += 1) client.send({ to: 'device-token', message_id: `m-${at}` });
  ccs.outboxes.submit(upstreamSchema.parse({ from: 'device-token' }), '1234567890');
  clock.advance(1_000);
  return client.take();
}

test('the same seed gives the same transcript, another seed a different one', () => {
  expect(run('a')).toBe(run('a'));
  expect(run('b')).not.toBe(run('a'));
});
