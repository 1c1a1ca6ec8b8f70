import { reportOfNack, reportOfStanzaError, verdictOf } from '../../../../relay/adapters/xmpp/verdicts.ts';
import { isDeadTokenCode } from '../../../../relay/model/verdict.ts';
import { NACK_CODES } from '../../../../relay/protocol/ccs/nack-codes.ts';
import type { InboundFrame, MessageStanza } from '../../../../relay/protocol/ccs/frame.ts';
import { decodeFrame } from '../../../../relay/protocol/ccs/decode.ts';
import { casesIn } from '../../protocol/cases.ts';

/** Protocol §4, table 4, copied from the document once more: this is what the code's own table is held to. */
const TABLE_4: readonly (readonly [string, ReturnType<typeof verdictOf>])[] = [
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
    const isRepeat = code === 'INVALID_JSON' && description.includes(DUPLICATE);
    const json = JSON.stringify({
      message_type: 'nack',
      message_id: 'm',
      from: 'T',
      error: code,
      error_description: description,
    });
    const frame = decodeFrame({ json });
    expect(frame).toEqual({ kind: 'nack', messageId: 'm', error: code, description });
    expect(verdictOf(code, description)).toBe(isRepeat ? 'receivedBefore' : verdict);
  });
});

test.each(['', 'SOMETHING_NEW', 'bad_registration', ' INVALID_JSON', '__proto__', 'constructor', 'toString'])(
  'the code %j, which table 4 lacks, counts as INTERNAL_SERVER_ERROR',
  (code) => {
    for (const description of ['', DUPLICATE])
      expect(verdictOf(code, description)).toBe(verdictOf('INTERNAL_SERVER_ERROR', ''));
  },
);

test('every golden nack has its verdict', () => {
  const verdicts = casesIn<{ stanza: MessageStanza; frame: InboundFrame }>('inbound/nack').map(
    ({ frame }) => frame.kind === 'nack' && verdictOf(frame.error, ''),
  );
  expect(new Set(verdicts)).toEqual(new Set(TABLE_4.map(([, verdict]) => verdict)));
});

test('the codes whose verdict says that the token is dead are those that the core knows as such', () => {
  expect(NACK_CODES.filter(isDeadTokenCode)).toEqual(NACK_CODES.filter((code) => verdictOf(code, '') === 'failToken'));
});

test('a stanza error is described by as much of code, condition and text as there is and is known', () => {
  const described = (error: { code?: string; condition?: string; text: string }) =>
    reportOfStanzaError({ kind: 'stanzaError', messageId: 'm1', ...error });
  const text = 'InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\\n';
  expect(described({ code: '400', text })).toMatchObject({
    description: '400 InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id',
  });
  expect(described({ condition: 'bad-request', text: 'why' })).toMatchObject({ description: 'bad-request' });
  expect(described({ code: 'TOKEN', condition: 'token', text: 'token' })).not.toHaveProperty('description');
});

test('what CCS says in words is told where it is known, and else not at all', () => {
  const described = (description: string) =>
    reportOfNack({ kind: 'nack', messageId: 'm1', error: 'INVALID_JSON', description });
  expect(described("Invalid token on 'to' field: X")).toMatchObject({
    description: "Invalid token on 'to' field: [to]",
  });
  expect(described('something else')).not.toHaveProperty('description');
});
