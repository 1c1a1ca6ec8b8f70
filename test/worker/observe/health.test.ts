import type { AddressInfo } from 'node:net';
import { XMPP_TRAITS } from '../../../relay/adapters/xmpp/link.ts';
import { DEFAULTS } from '../../../relay/machine/turn/config.ts';
import { Relay, type RelayStatus } from '../../../relay/machine/relay.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';
import { healthServer } from '../../../worker/observe/health.ts';
import { Metrics } from '../../../worker/observe/metrics.ts';

const relay = new Relay(
  { ...DEFAULTS, senderId: '1', traits: XMPP_TRAITS },
  { random: () => 0.5, hash: keyedHash('a key') },
);
const metrics = new Metrics({ relay, now: () => 0, senderId: '1', version: '0' });
const OPEN = {
  ...relay.status(),
  connections: [{ id: 'c1', purpose: 'regular', state: 'open', pending: 0 }],
} as unknown as RelayStatus;

async function ask(path: string, status: RelayStatus): Promise<{ status: number; body: unknown }> {
  const server = healthServer({ status: () => status, stopping: () => false, metrics });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  const body: unknown = await answer.json();
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { status: answer.status, body };
}

test('ready: a connection is open', async () => {
  expect(await ask('/readyz', OPEN)).toMatchObject({ status: 200, body: { status: 'ready', breaker: 'closed' } });
});

test('not ready: none is, and the breaker does not hide it', async () => {
  const body = { status: 'no open connection to CCS' };
  expect(await ask('/readyz', { ...relay.status(), breakerOpen: true })).toMatchObject({ status: 503, body });
});

test('degraded, and still 200: the breaker is open', async () => {
  const breaker = expect.stringMatching(/^open: /);
  expect(await ask('/readyz', { ...OPEN, breakerOpen: true })).toMatchObject({
    status: 200,
    body: { status: 'degraded', breaker },
  });
  expect(await ask('/healthz', { ...OPEN, breakerOpen: true })).toMatchObject({
    status: 200,
    body: { status: 'ok', breaker },
  });
});
