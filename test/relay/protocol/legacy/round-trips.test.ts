import fc from 'fast-check';
import { encodeDownstream } from '../../../../relay/protocol/ccs/encode.ts';
import { MAX_FAULTS } from '../../../../relay/protocol/rules/faults.ts';
import type { DownstreamMessage } from '../../../../relay/protocol/legacy/message.ts';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';
import { payloadBytes, payloadLimit } from '../../../../relay/protocol/legacy/payload-size.ts';
import { canonicalContent } from '../../../../relay/protocol/legacy/content.ts';
import { decodeQueued, encodeQueued } from '../../../../relay/protocol/queue/queued.ts';
import { targetOf } from '../../../../relay/protocol/legacy/target.ts';
import { goodRequests, SENDER_ID } from '../cases.ts';
import { anyRequest, goodRequest } from '../requests.arbitrary.ts';

const parse = (input: unknown) => parseDownstream(input, { senders: [SENDER_ID], newMessageId: () => 'made-up' });
const fromJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function messageOf(input: unknown): DownstreamMessage {
  const parsed = parse(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value.message;
}

const RUNS = { numRuns: 300 };

test('parsing what was parsed changes nothing', () => {
  fc.assert(
    fc.property(goodRequest, (input) => {
      const message = messageOf(fromJson(input));
      expect(messageOf(message)).toEqual(message);
      expect(canonicalContent({ senderId: 's', message: messageOf(message) })).toBe(
        canonicalContent({ senderId: 's', message }),
      );
    }),
    RUNS,
  );
});

test('a parsed message has what it must have, and fits', () => {
  fc.assert(
    fc.property(goodRequest, (input) => {
      const message = messageOf(fromJson(input));
      expect(message.time_to_live).toBeGreaterThanOrEqual(0);
      expect(payloadBytes(message)).toBeLessThanOrEqual(payloadLimit(message));
      expect(targetOf(message).kind).toMatch(/token|topic|condition|group/);
      for (const value of Object.values({ ...message.data, ...message.notification }))
        expect(typeof value).toBe('string');
    }),
    RUNS,
  );
});

test('any JSON at all is parsed or refused, never thrown at, with at most MAX_FAULTS faults', () => {
  fc.assert(
    fc.property(fc.oneof(anyRequest, fc.jsonValue(), fc.anything()), (input) => {
      const parsed = parse(input);
      if (!parsed.ok) expect(parsed.errors.length).toBeGreaterThan(0);
      if (!parsed.ok) expect(parsed.errors.length).toBeLessThanOrEqual(MAX_FAULTS);
    }),
    { numRuns: 1_000 },
  );
});

test('the queue gives back what was put in', () => {
  fc.assert(
    fc.property(goodRequest, fc.nat(), (input, acceptedAtMs) => {
      const queued = { senderId: SENDER_ID, acceptedAtMs, message: messageOf(fromJson(input)) };
      const decoded = decodeQueued(encodeQueued(queued));
      expect(decoded).toEqual({ ok: true, version: 2, value: queued });
      // its document's content_hash is compared with it
      if (decoded.ok) expect(canonicalContent(decoded.value)).toBe(canonicalContent(queued));
    }),
    RUNS,
  );
});

test('what is sent is the message with another time_to_live, in characters that XML can carry', () => {
  const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u; // XML 1.0, production 2 (Char)
  fc.assert(
    fc.property(goodRequest, fc.nat(2_419_200), (input, ttl) => {
      const message = messageOf(fromJson(input));
      const sent = encodeDownstream(message, ttl);
      expect(JSON.parse(sent)).toEqual({ ...message, time_to_live: ttl });
      expect(sent).not.toMatch(FORBIDDEN);
    }),
    RUNS,
  );
});

test('every golden message survives the queue', () => {
  for (const { message } of goodRequests()) {
    const queued = { senderId: SENDER_ID, acceptedAtMs: 0, message };
    expect(decodeQueued(encodeQueued(queued))).toEqual({ ok: true, version: 2, value: queued });
  }
});
