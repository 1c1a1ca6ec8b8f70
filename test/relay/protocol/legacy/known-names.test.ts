import { FIELD_ERROR_CODES } from '../../../../relay/protocol/rules/field-error.ts';
import { shownPath } from '../../../../relay/protocol/legacy/known-names.ts';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';
import { decodeQueued } from '../../../../relay/protocol/queue/queued.ts';

test.each<[string, string, string]>([
  ['', 'WRONG_TYPE', 'request'],
  ['time_to_live', 'OUT_OF_RANGE', 'time_to_live'],
  ['notification.color', 'MALFORMED', 'notification.color'],
  ['registration_ids', 'UNKNOWN_FIELD', 'registration_ids'],
  ['title', 'UNKNOWN_FIELD', 'title'],
  ['dKfj3kLm_Qo:APA91b', 'UNKNOWN_FIELD', '?'],
  ['to.secret', 'UNKNOWN_FIELD', '?'],
  ['notification.secret', 'UNKNOWN_FIELD', 'notification.?'],
  ['notification.secret.title', 'UNKNOWN_FIELD', 'notification.?'],
  ['data.from', 'RESERVED_KEY', 'data.from'],
  ['data.google_secret', 'RESERVED_KEY', 'data.?'],
  ['data.data.google', 'RESERVED_KEY', 'data.?'],
  ['message.secret', 'UNKNOWN_FIELD', 'message.?'],
  ['message.data.gcm.secret', 'RESERVED_KEY', 'message.data.?'],
  ['', 'UNKNOWN_FIELD', 'request'],
])('%j with %s is shown as %s', (path, code, shown) => {
  expect(shownPath({ path, code })).toBe(shown);
});

test('whatever keys a request has, no path shows one that is not of the protocol', () => {
  const secret = 'sEcReT';
  const keys = [
    secret,
    `to.${secret}`,
    `data.${secret}`,
    `google${secret}`,
    `notification.${secret}`,
    `message.${secret}`,
    `${secret}.title`,
    `title.${secret}`,
  ];
  const bad = Object.fromEntries(keys.map((key) => [key, secret]));
  const parsed = parseDownstream(
    { to: 'T', ...bad, data: bad, notification: { ...bad, color: secret } },
    { senders: ['1'], newMessageId: () => 'm' },
  );
  expect(parsed.ok ? [] : parsed.errors.map(shownPath)).not.toContainEqual(expect.stringContaining(secret));
  expect(new Set(parsed.ok ? [] : parsed.errors.map(({ code }) => code))).toEqual(
    new Set(['UNKNOWN_FIELD', 'RESERVED_KEY', 'MALFORMED']),
  );
  const queued = decodeQueued(
    Buffer.from(JSON.stringify({ v: 1, ...bad, message: { message_id: 'm', to: 'T', ...bad, data: bad } })),
  );
  expect(JSON.stringify(queued)).not.toContain(secret);
});

test('only the two codes that name a key of the caller are looked through', () => {
  for (const code of FIELD_ERROR_CODES)
    expect(shownPath({ path: 'x', code })).toBe(code === 'UNKNOWN_FIELD' || code === 'RESERVED_KEY' ? '?' : 'x');
});
