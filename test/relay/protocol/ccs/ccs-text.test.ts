import fc from 'fast-check';
import { knownCode, knownStanzaError, knownText } from '../../../../relay/protocol/ccs/ccs-text.ts';
import { NACK_CODES } from '../../../../relay/protocol/ccs/nack-codes.ts';

const TOKEN = 'dKfj3kLm_Qo:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx';

test.each<[string, string | undefined]>([
  [`Invalid token on 'to' field: ${TOKEN}`, "Invalid token on 'to' field: [to]"],
  [
    'InvalidJson: JSON_TYPE_ERROR : Field "time_to_live" must be a JSON java.lang.Number: abc',
    'InvalidJson: JSON_TYPE_ERROR : Field "time_to_live" must be a JSON java.lang.Number',
  ],
  [
    'InvalidJson: JSON_TYPE_ERROR : Field "notification.title" must be a JSON java.lang.String: {"secret":1}',
    'InvalidJson: JSON_TYPE_ERROR : Field "title" must be a JSON java.lang.String',
  ],
  [
    'InvalidJson : INVALID_TTL : Invalid value (-1) for "time_to_live": must be between 0 and "2419200"\n',
    'InvalidJson: INVALID_TTL : Field "time_to_live"',
  ],
  [
    'InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\\n',
    'InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id',
  ],
  ['InvalidJson : MESSAGE_TOO_BIG : Payload of 5000 bytes exceeds 4096', 'InvalidJson: MESSAGE_TOO_BIG'],
  ['InvalidJson : INVALID_DATA_KEY : "data" key "gcm.secret" is a reserved keyword', 'InvalidJson: INVALID_DATA_KEY'],
  [
    'Downstream message rate exceeded for this registration id',
    'Downstream message rate exceeded for this registration id',
  ],
  [`  Message with the same id has been received before ${TOKEN}`, 'Message with the same id has been received before'],
  [
    `InvalidJson: JSON_TYPE_ERROR : Field "${TOKEN.slice(0, 10)}" must be a JSON java.lang.Number`,
    'InvalidJson: JSON_TYPE_ERROR',
  ],
  ['InvalidJson: SECRET : Field "to"', undefined],
  [`No such token: ${TOKEN.toUpperCase()}`, undefined],
  ['', undefined],
])('%j is told as %j', (text, told) => {
  expect(knownText(text)).toBe(told);
});

test('a code is told where it is known', () => {
  expect(NACK_CODES.map(knownCode)).toEqual(NACK_CODES);
  expect(
    ['QUOTA_EXCEEDED', 'SECRET_TOKEN_OF_ALICE', 'DKFJ3KLM_QO', 'no word', '', 'bad_registration', 'constructor'].map(
      knownCode,
    ),
  ).toEqual([
    'QUOTA_EXCEEDED',
    'UNKNOWN_ERROR_CODE',
    'UNKNOWN_ERROR_CODE',
    'UNREADABLE_ERROR_CODE',
    'NO_ERROR_CODE',
    'UNKNOWN_ERROR_CODE',
    'UNKNOWN_ERROR_CODE',
  ]);
});

test('of a stanza error each part is told where it is known', () => {
  expect(knownStanzaError({ code: '400', condition: 'bad-request', text: 'InvalidJson : INVALID_TTL' })).toBe(
    '400 bad-request InvalidJson: INVALID_TTL',
  );
  expect(knownStanzaError({ code: '4000', condition: 'secret-token', text: 'secret' })).toBe('');
});

test('whatever CCS makes of a secret, and wherever it puts it, no piece of it is told', () => {
  // with a digit, so that no word of ours is like it
  const secret = fc.stringMatching(/^[a-z0-9]{3}[A-Za-z0-9]{3,20}7$/);
  const changed = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => text.toLowerCase(),
    (text) => text.slice(0, 6),
    (text) => text.slice(-6).toUpperCase(),
  );
  const around = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => `Invalid token on 'to' field: ${text}`,
    (text) => `${text}: Invalid token on 'to' field`,
    (text) => `InvalidJson: ${text}`,
    (text) => `InvalidJson : INVALID_TTL : ${text}`,
    (text) => `InvalidJson: JSON_TYPE_ERROR : Field "${text}" must be a JSON ${text}`,
    (text) => `InvalidJson: JSON_TYPE_ERROR : Field "to" must be a JSON java.lang.${text}`,
    (text) => `Missing Required Field: ${text}`,
    (text) => `InvalidJson: JSON_PARSING_ERROR : Missing Required Field: ${text}`,
  );
  fc.assert(
    fc.property(secret, changed, around, (hidden, change, put) => {
      const text = put(change(hidden));
      const told = `${knownText(text) ?? ''} ${knownCode(text)} ${knownCode(change(hidden))} ${knownStanzaError({ code: change(hidden), condition: change(hidden), text })}`;
      expect(told).not.toContain(change(hidden));
    }),
    { numRuns: 1_000 },
  );
});
