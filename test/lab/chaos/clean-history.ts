import type {
  ConnectionLife,
  Counters,
  DeliveryEvent,
  Document,
  FaultRecord,
  Offer,
  Receipt,
  Stop,
  UpstreamAck,
  UpstreamEvent,
  UpstreamOffer,
} from '../../../lab/chaos/history/history.ts';

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** A history that a test may change. */
export interface OpenHistory {
  offers: Open<Offer>[];
  receipts: Open<Receipt>[];
  connections: Open<ConnectionLife>[];
  documents: Open<Document>[];
  deliveryEvents: Open<DeliveryEvent>[];
  upstream: Open<UpstreamOffer>[];
  upstreamAcks: Open<UpstreamAck>[];
  foreignAcks: Open<UpstreamAck>[];
  upstreamEvents: Open<UpstreamEvent>[];
  faults: Open<FaultRecord>[];
  stops: Open<Stop>[];
  counters: Open<Counters>;
}

export const START_MS = 1_700_000_000_000;
const at = (ms: number): number => START_MS + ms;

/** What FCM answers at `ms` on `connection`. */
export const receipt = (id: string, ms: number, connection = 'c1', answer = 'ack'): Open<Receipt> => ({
  id,
  connection,
  atMs: at(ms),
  answer,
});

/**
 * A run with everything that is allowed: `plain` goes through; `refused` is nacked; FCM asks for `storm` three times;
 * `died` is resent after its connection c2 was lost; `two` is sent by two workers after a pause; `silent` is taken
 * without an answer, and again after the loss of c2; `unanswered` got no 202, but was accepted. Upstream: `u1` once,
 * `u2` twice under one event id.
 */
export function cleanHistory(): OpenHistory {
  const fates: readonly (readonly [string, 'acked' | 'nacked'])[] = [
    ['plain', 'acked'],
    ['refused', 'nacked'],
    ['storm', 'acked'],
    ['died', 'acked'],
    ['two', 'acked'],
    ['silent', 'acked'],
    ['unanswered', 'acked'],
  ];
  const receipts = [
    receipt('plain', 100),
    receipt('refused', 110, 'c1', 'DEVICE_UNREGISTERED'),
    receipt('storm', 120, 'c1', 'SERVICE_UNAVAILABLE'),
    receipt('died', 130, 'c2'),
    receipt('two', 140, 'c1'),
    receipt('silent', 150, 'c2', 'none'),
    receipt('unanswered', 160),
    receipt('two', 170, 'c3', 'INVALID_JSON'),
    receipt('storm', 1_500, 'c3', 'DEVICE_MESSAGE_RATE_EXCEEDED'),
    receipt('died', 3_000, 'c3', 'INVALID_JSON'),
    receipt('silent', 3_010, 'c3', 'INVALID_JSON'),
    receipt('storm', 9_000, 'c3'),
  ];
  const lastAt = new Map(receipts.map(({ id, atMs }) => [id, atMs]));
  return {
    offers: fates.map(([id, fate]) => ({
      id,
      via: 'https',
      fate,
      offeredMs: at(0),
      ...(id !== 'unanswered' && { acceptedMs: at(50) }),
    })),
    receipts,
    connections: [
      { id: 'c1', openedMs: at(0), drainingMs: at(5_000), lostMs: at(15_000), reason: 'drained' },
      { id: 'c2', openedMs: at(0), lostMs: at(200), reason: 'reset' },
      { id: 'c3', openedMs: at(0) },
    ],
    documents: fates.map(([id, state]) => ({
      id,
      state,
      attempts: 1,
      writtenMs: (lastAt.get(id) ?? 0) + 20,
      ...(state === 'nacked' && { error: 'DEVICE_UNREGISTERED' }),
    })),
    deliveryEvents: fates.map(([id, state]) => ({
      id,
      eventId: `1/${id}/${state}`,
      type: `fcm.message.${state}`,
      publishedMs: (lastAt.get(id) ?? 0) + 30,
    })),
    upstream: [
      { id: 'u1', from: 'device-1', offeredMs: at(0) },
      { id: 'u2', from: 'device-2', offeredMs: at(0) },
    ],
    upstreamAcks: [
      { id: 'u1', connection: 'c1', atMs: at(60) },
      { id: 'u2', connection: 'c3', atMs: at(900) },
    ],
    foreignAcks: [],
    upstreamEvents: [
      { id: 'u1', eventId: 'e1', from: 'device-1', publishedMs: at(55) },
      { id: 'u2', eventId: 'e2', from: 'device-2', publishedMs: at(100) },
      { id: 'u2', eventId: 'e2', from: 'device-2', publishedMs: at(850) },
    ],
    faults: [
      { kind: 'pauseWorker', target: 'worker-a', atMs: at(100), untilMs: at(160) },
      { kind: 'reset', target: 'c2', atMs: at(200), untilMs: at(200) },
    ],
    stops: [{ target: 'worker-b', atMs: at(300), tookMs: 2_000 }],
    counters: {
      downstreamReceived: receipts.length,
      upstreamAcked: 2,
      highestPending: 3,
      pastPendingLimit: 0,
      foreignAcks: 0,
      badAcks: 0,
      stanzaErrors: 0,
    },
  };
}
