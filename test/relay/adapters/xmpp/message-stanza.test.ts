import { messageStanza, messageText } from '../../../../relay/adapters/xmpp/message-stanza.ts';
import { HEADER, readStream } from './support/read-stream.ts';

const stanzas = (xml: string): unknown[] => readStream(HEADER + xml).elements.map(messageStanza);

test.each([
  ['bare', '<message><gcm xmlns="google:mobile:data">{"a":1}</gcm></message>'],
  ['prefixed', '<message><data:gcm xmlns:data="google:mobile:data">{"a":1}</data:gcm></message>'],
  [
    'another prefix, declared on the message',
    '<message xmlns:x1="google:mobile:data"><x1:gcm>{"a":1}</x1:gcm></message>',
  ],
  [
    'single quotes and white space in the tag',
    '<message ><gcm  xmlns = \'google:mobile:data\' >{"a":1}</gcm ></message >',
  ],
  [
    'behind another element',
    '<message><gcm xmlns="urn:other">no</gcm><body>no</body><gcm xmlns="google:mobile:data">{"a":1}</gcm></message>',
  ],
])('gcm is found by its namespace: %s', (_name, xml) => {
  expect(stanzas(xml)).toEqual([{ json: '{"a":1}' }]);
});

test.each([
  ['no namespace', '<message><gcm>{}</gcm></message>'],
  ['another namespace', '<message><data:gcm xmlns:data="urn:x">{}</data:gcm></message>'],
  ['a prefix that nobody declared', '<message><data:gcm>{}</data:gcm></message>'],
  ['deeper down', '<message><body><gcm xmlns="google:mobile:data">{}</gcm></body></message>'],
  ['its text only', '<message><body>&lt;gcm xmlns="google:mobile:data"&gt;{}&lt;/gcm&gt;</body></message>'],
])('what is not gcm is not taken for it: %s', (_name, xml) => {
  expect(stanzas(xml)).toEqual([{}]);
});

test('an empty gcm is an empty text', () => {
  expect(stanzas('<message id="" type="normal"><gcm xmlns="google:mobile:data"/></message>')).toEqual([
    { id: '', type: 'normal', json: '' },
  ]);
});

test('a stanza error keeps its code, condition and text, and the payload that it echoes (protocol §2)', () => {
  const text = 'InvalidJson: JSON_PARSING_ERROR : Missing Required Field: message_id\n';
  expect(
    stanzas(
      '<message id="3" type="error" to="S@fcm.googleapis.com/RES"><gcm xmlns="google:mobile:data">{"random":"text"}</gcm>' +
        '<error code="400" type="modify"><bad-request xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>' +
        `<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">${text}</text></error></message>`,
    ),
  ).toEqual([
    { id: '3', type: 'error', json: '{"random":"text"}', error: { code: '400', condition: 'bad-request', text } },
  ]);
});

test('a stanza error may have its text first, or nothing in it', () => {
  expect(
    stanzas(
      '<message type="error"><error><s:text xmlns:s="urn:ietf:params:xml:ns:xmpp-stanzas">no</s:text><s:gone xmlns:s="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>' +
        '<message type="error"><error/></message><message type="error"/>',
    ),
  ).toEqual([
    { type: 'error', error: { condition: 'gone', text: 'no' } },
    { type: 'error', error: {} },
    { type: 'error' },
  ]);
});

test('what we write is one message with its JSON escaped', () => {
  expect(messageText('a"<&>\'\n\u0001', '{"to":"<&>]]>","é":"\'"}')).toBe(
    '<message id="a&quot;&lt;&amp;&gt;&apos;&#10;\ufffd"><gcm xmlns="google:mobile:data">{"to":"&lt;&amp;&gt;]]&gt;","é":"\'"}</gcm></message>',
  );
});
