import { XMPP_TRAITS } from '../../../relay/adapters/xmpp/link.ts';
import { DEFAULTS } from '../../../relay/machine/turn/config.ts';
import { Relay } from '../../../relay/machine/relay.ts';
import { messageOf } from '../../../relay/model/message.ts';
import { keyedHash } from '../../../relay/model/token-hash.ts';
import { Metrics } from '../../../worker/observe/metrics.ts';

const NOW_MS = Date.UTC(2026, 10, 28);

class Rig {
  readonly relay = new Relay(
    { ...DEFAULTS, senderId: '1234567890', traits: XMPP_TRAITS },
    { random: () => 0.5, hash: keyedHash('a key') },
  );
  readonly metrics = new Metrics({ relay: this.relay, now: () => NOW_MS, senderId: '1234567890', version: '1.2.3' });

  /** Every sample of ours, with its value. */
  async samples(): Promise<ReadonlyMap<string, number>> {
    const rows = (await this.metrics.registry.metrics()).split('\n').filter((row) => row.startsWith('relay_'));
    return new Map(
      rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ') + 1))]),
    );
  }
}

test('before anything has happened every sample that an alert may stand on is there, at 0', async () => {
  const samples = await new Rig().samples();
  for (const sample of [
    'relay_connections{state="open"}',
    'relay_connections{state="draining"}',
    'relay_settled_total{state="acked",error="none",lane="high"}',
    'relay_settled_total{state="nacked",error="INVALID_APNS_CREDENTIAL",lane="normal"}',
    'relay_settled_total{state="nacked",error="other",lane="high"}',
    'relay_settled_total{state="dead",error="none",lane="normal"}',
    'relay_connections_closed_total{how="refusedCredentials"}',
    'relay_answers_total{error="SERVICE_UNAVAILABLE"}',
    'relay_answers_total{error="RECEIVED_BEFORE"}',
    'relay_pulled_total{lane="high"}',
    'relay_poisoned_total{reason="WRONG_SENDER"}',
    'relay_given_back_total{why="longWait"}',
    'relay_sends_total{repeat="true"}',
    'relay_known_before_total{state="expired"}',
    'relay_upstream_total{repeated="false"}',
    'relay_anomalies_total{kind="defect"}',
    'relay_anomalies_total{kind="deadLetterFailed"}',
    'relay_lost_pending_total',
    'relay_breaker_open',
    'relay_upstream_publishing',
    'relay_held{state="resting"}',
    'relay_held_oldest_seconds{lane="high"}',
    'relay_answer_seconds_count',
    'relay_accepted_to_settled_seconds_count{lane="high"}',
    'relay_accepted_to_settled_seconds_bucket{le="5",lane="normal"}',
  ])
    expect([sample, samples.get(sample)]).toEqual([sample, 0]);
  for (const [sample, value] of samples)
    expect([sample, value]).toEqual([sample, sample.startsWith('relay_build_info') ? 1 : 0]);
});

test('what runs, and for whom, stands in one sample', async () => {
  expect((await new Rig().samples()).get('relay_build_info{version="1.2.3",sender_id="1234567890"}')).toBe(1);
});

test('nothing that happens makes a sample that was not there before', async () => {
  const rig = new Rig();
  const before = [...(await rig.samples()).keys()];
  for (const error of [undefined, 'INVALID_JSON', 'RECEIVED_BEFORE', 'STANZA_ERROR', 'a code of tomorrow']) {
    rig.metrics.answered(error, 10);
    rig.metrics.settled({ state: 'nacked', error, lane: 'normal' }, 10);
    rig.metrics.settled({ state: 'expired', error, lane: 'high' }, 10);
  }
  rig.metrics.settled({ state: 'acked', error: undefined, lane: 'high' }, 10);
  rig.metrics.closed('orderly');
  rig.metrics.anomaly('silent');
  rig.metrics.handedBack('stopping');
  expect([...(await rig.samples()).keys()]).toEqual(before);
});

test('settled messages and their latency are counted by lane', async () => {
  const rig = new Rig();
  rig.metrics.settled({ state: 'acked', error: undefined, lane: 'high' }, 2_000);
  const samples = await rig.samples();
  expect(samples.get('relay_settled_total{state="acked",error="none",lane="high"}')).toBe(1);
  expect(samples.get('relay_accepted_to_settled_seconds_sum{lane="high"}')).toBe(2);
  expect(samples.get('relay_accepted_to_settled_seconds_count{lane="normal"}')).toBe(0);
});

test('the oldest message that is held is told by lane, in seconds since its acceptance', async () => {
  const rig = new Rig();
  const pulled = (id: string, acceptedAtMs: number, lane: 'high' | 'normal') =>
    ({
      kind: 'pulled',
      lease: acceptedAtMs,
      lane,
      deliveryAttempt: 1,
      message: messageOf({
        senderId: '1234567890',
        acceptedAtMs,
        message: { message_id: id, to: id, priority: lane, time_to_live: 60 },
      }),
    }) as const;
  rig.relay.on(
    [pulled('a', NOW_MS - 3_000, 'high'), pulled('b', NOW_MS - 9_000, 'high'), pulled('c', NOW_MS + 1, 'normal')],
    NOW_MS,
  );
  const samples = await rig.samples();
  expect(samples.get('relay_held_oldest_seconds{lane="high"}')).toBe(9);
  expect(samples.get('relay_held_oldest_seconds{lane="normal"}')).toBe(0); // another machine's clock is ahead
});
