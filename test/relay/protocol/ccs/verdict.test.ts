import type { Verdict } from '../../../../relay/protocol/ccs/verdict.ts';
import { NACK_CODES, saysDuplicate, verdictOf } from '../../../../relay/protocol/ccs/verdict.ts';
import type { InboundFrame, MessageStanza } from '../../../../relay/protocol/ccs/frame.ts';
import { decodeFrame } from '../../../../relay/protocol/ccs/decode.ts';
import { casesIn } from '../cases.ts';

/** Protocol §4, table 4, copied from the document once more: this is what the code's own table is held to. */
const TABLE_4: readonly (readonly [string, Verdict])[] = [
  ['INVALID_JSON', 'fail'],
  ['BAD_REGISTRATION', 'failToken'],
  ['DEVICE_UNREGISTERED', 'failToken'],
  ['SENDER_ID_MISMATCH', 'fail'],
  ['BAD_ACK', 'defect'],
  ['SERVICE_UNAVAILABLE', 'retry'],
  ['INTERNAL_SERVER_ERROR', 'retry'],
  ['DEVICE_MESSAGE_RATE_EXCEEDED', 'slowDevice'],
  ['TOPICS_MESSAGE_RATE_EXCEEDED', 'slowTopic'],
  ['CONNECTION_DRAINING', 'reroute'],
  ['INVALID_APNS_CREDENTIAL', 'failAlert'],
  ['AUTHENTICATION_FAILED', 'failAlert'],
];
const DUPLICATE = 'Message with the same id has been received before';
const DESCRIPTIONS = [
  '',
  "Invalid token on 'to' field: X",
  DUPLICATE,
  `InvalidJson : ${DUPLICATE}\n`,
  DUPLICATE.toLowerCase(),
];

test('table 4 is the whole table', () => {
  expect([...NACK_CODES].sort()).toEqual(TABLE_4.map(([code]) => code).sort());
});

describe.each(TABLE_4)('%s', (code, verdict) => {
  test.each(DESCRIPTIONS)(`with the description %j is ${verdict}, over the wire`, (description) => {
    const json = JSON.stringify({
      message_type: 'nack',
      message_id: 'm',
      from: 'T',
      error: code,
      error_description: description,
    });
    const frame = decodeFrame({ json });
    expect(frame).toEqual({ kind: 'nack', messageId: 'm', error: code, description });
    expect(verdictOf(code)).toBe(verdict);
    expect(saysDuplicate(code, description)).toBe(code === 'INVALID_JSON' && description.includes(DUPLICATE));
  });
});

test.each(['', 'SOMETHING_NEW', 'bad_registration', ' INVALID_JSON', '__proto__', 'constructor', 'toString'])(
  'the code %j, which table 4 lacks, counts as INTERNAL_SERVER_ERROR',
  (code) => {
    expect(verdictOf(code)).toBe(verdictOf('INTERNAL_SERVER_ERROR'));
    expect(saysDuplicate(code, DUPLICATE)).toBe(false);
  },
);

test('every golden nack has its verdict', () => {
  const verdicts = casesIn<{ stanza: MessageStanza; frame: InboundFrame }>('inbound/nack').map(
    ({ frame }) => frame.kind === 'nack' && verdictOf(frame.error),
  );
  expect(new Set(verdicts)).toEqual(new Set(TABLE_4.map(([, verdict]) => verdict)));
});
