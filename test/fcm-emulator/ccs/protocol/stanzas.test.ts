import { frames } from '../../support/wire-client.ts';
import { acked, server, to, type Row } from './row.ts';

const ROWS: readonly Row[] = [
  [
    '§2',
    'the element may carry a prefix',
    () =>
      expect(
        frames(
          server()
            .login()
            .write(`<message><x:gcm xmlns:x="google:mobile:data">${JSON.stringify(to())}</x:gcm></message>`),
        ),
      ).toMatchObject([{ message_type: 'ack' }]),
  ],
  ['§2', 'id="" is accepted, `to` is optional', () => acked(to())],
  [
    '§2',
    'ack: no attributes, prefixed',
    () =>
      expect(server().login().send(to())).toMatch(
        /^<message><data:gcm xmlns:data="google:mobile:data">\{.*\}<\/data:gcm><\/message>$/,
      ),
  ],
  [
    '§2',
    'the bare form, as documented',
    () =>
      expect(server({ gcmForm: 'bare' }).login().send(to())).toMatch(
        /^<message><gcm xmlns="google:mobile:data">\{.*\}<\/gcm><\/message>$/,
      ),
  ],
  [
    '§2',
    'upstream: with attributes, not prefixed',
    () => {
      const s = server();
      const client = s.login();
      s.upstream();
      expect(client.take()).toMatch(
        new RegExp(
          '^<message to="1234567890@fcm\\.googleapis\\.com" from="devices@gcm\\.googleapis\\.com" type="normal">' +
            '<gcm xmlns="google:mobile:data">',
        ),
      );
    },
  ],
  [
    '§2',
    'stanza error: echoes id and payload',
    () =>
      expect(server().login().send({ random: 'text' }, '3')).toMatch(
        new RegExp(
          '^<message id="3" type="error" to="1234567890@fcm\\.googleapis\\.com/test[0-9A-F]{8}">' +
            '<gcm xmlns="google:mobile:data">\\{"random":"text"\\}</gcm>' +
            '<error code="400" type="modify"><bad-request xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>' +
            '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">' +
            'InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\\\\n</text></error></message>$',
        ),
      ),
  ],
  [
    '§2',
    'a stanza error when the payload cannot be parsed',
    () => expect(server().login().send('{"broken', '4')).toContain('type="error"'),
  ],
];

test.each(ROWS)('%s %s', (_section, _sentence, show) => show());
