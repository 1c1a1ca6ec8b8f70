import { answer, nacked, server, to, TOKEN, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  [
    '§4',
    'an ack has type, token and id',
    () =>
      expect(Object.entries(answer({ to: TOKEN, message_id: 'm' }))).toEqual([
        ['message_type', 'ack'],
        ['from', TOKEN],
        ['message_id', 'm'],
      ]),
  ],
  [
    '§4',
    'a nack adds error and description, which may be empty',
    () => {
      const s = server();
      s.device(TOKEN, { state: 'unregistered' });
      expect(Object.entries(s.login().ask({ to: TOKEN, message_id: 'm' }))).toEqual([
        ['message_type', 'nack'],
        ['from', TOKEN],
        ['message_id', 'm'],
        ['error', 'DEVICE_UNREGISTERED'],
        ['error_description', ''],
      ]);
    },
  ],
  [
    '§4',
    'an ack may carry the canonical token, which gets the message',
    () => {
      const s = server();
      s.device(TOKEN, { state: 'replaced', canonicalToken: 'new-token' });
      expect(s.login().ask(to())).toMatchObject({ message_type: 'ack', registration_id: 'new-token' });
      expect(s.backend.delivery.received()).toMatchObject([{ token: 'new-token' }]);
    },
  ],
  [
    '§4',
    'BAD_REGISTRATION: malformed token',
    () => {
      for (const token of ['', 'short', 'with space', 'żółw-żółw']) nacked(to({ to: token }), 'BAD_REGISTRATION');
    },
  ],
  [
    '§4',
    'BAD_REGISTRATION: the documented text',
    () =>
      expect(answer(to({ to: 'a b c d e' }))).toMatchObject({
        error_description: "Invalid token on 'to' field: a b c d e",
      }),
  ],
  [
    '§4',
    'unknown tokens can be refused',
    () => expect(answer(to(), { unknownTokens: 'refuse' })).toMatchObject({ error: 'BAD_REGISTRATION' }),
  ],
  [
    '§4',
    "SENDER_ID_MISMATCH: another sender's token",
    () => {
      const s = server();
      s.device(TOKEN, { senders: ['42'] });
      expect(s.login().ask(to())).toMatchObject({ error: 'SENDER_ID_MISMATCH' });
    },
  ],
  ['§4', 'BAD_ACK: our upstream ack was malformed', () => nacked({ message_type: 'ack', message_id: 'u' }, 'BAD_ACK')],
  [
    '§4',
    'SERVICE_UNAVAILABLE, INTERNAL_SERVER_ERROR and any other code by rule',
    () => {
      for (const error of ['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'NEW_CODE']) {
        const s = server();
        s.rule({ fault: { kind: 'nack', error } });
        expect(s.login().ask(to())).toMatchObject({ error });
      }
    },
  ],
  [
    '§4',
    'DEVICE_MESSAGE_RATE_EXCEEDED: the 241st in a minute',
    () => {
      const s = server({ rateLimits: true });
      const client = s.login();
      for (let at = 0; at < 240; at += 1) client.ask(to());
      expect(client.ask(to())).toMatchObject({
        error: 'DEVICE_MESSAGE_RATE_EXCEEDED',
        error_description: 'Downstream message rate exceeded for this registration id',
      });
      s.clock.advance(60_000);
      expect(client.ask(to())).toMatchObject({ message_type: 'ack' });
    },
  ],
  [
    '§4',
    'TOPICS_MESSAGE_RATE_EXCEEDED',
    () => {
      const s = server({ topicRatePerMinute: 1 });
      const client = s.login();
      client.ask(to({ to: '/topics/a' }));
      expect(client.ask(to({ to: '/topics/a' }))).toMatchObject({ error: 'TOPICS_MESSAGE_RATE_EXCEEDED' });
    },
  ],
  [
    '§4',
    'INVALID_APNS_CREDENTIAL and AUTHENTICATION_FAILED by device',
    () => {
      for (const error of ['INVALID_APNS_CREDENTIAL', 'AUTHENTICATION_FAILED']) {
        const s = server();
        s.device(TOKEN, { failure: { error } });
        expect(s.login().ask(to())).toMatchObject({ error });
      }
    },
  ],
  [
    '§4',
    'a repeated message id',
    () => {
      const client = server().login();
      const json = to();
      client.ask(json);
      expect(client.ask(json)).toMatchObject({
        error: 'INVALID_JSON',
        error_description: 'Message with the same id has been received before',
      });
    },
  ],
  [
    '§4',
    'a nacked id does not count as received',
    () => {
      const s = server();
      s.rule({ fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' }, times: 1 });
      const client = s.login();
      const json = to();
      client.ask(json);
      expect(client.ask(json)).toMatchObject({ message_type: 'ack' });
    },
  ],
];

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
