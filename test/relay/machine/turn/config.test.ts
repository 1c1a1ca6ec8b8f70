import { XMPP_TRAITS } from '../../../../relay/adapters/xmpp/link.ts';
import { DEFAULTS, relayConfig } from '../../../../relay/machine/turn/config.ts';

const chosen = { senderId: '1', traits: XMPP_TRAITS, connections: 2, pendingLimit: 100, silenceLimitMs: 30_000 };

test('few connections hold what one process is meant to hold; many hold four windows each, so that none of them runs dry', () => {
  expect(relayConfig(chosen)).toMatchObject({ ...chosen, holdLimit: DEFAULTS.holdLimit });
  expect(relayConfig({ ...chosen, connections: 16 }).holdLimit).toBe(6_400);
});

test('what may come from devices at once grows with the connections', () => {
  expect([1, 16].map((connections) => relayConfig({ ...chosen, connections }).upstreamLimit)).toEqual([2_000, 32_000]);
});
