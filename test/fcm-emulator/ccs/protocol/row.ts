import { deviceSchema, type DeviceInput } from '../../../../fcm-emulator/devices/devices.ts';
import { upstreamSchema, type UpstreamInput } from '../../../../fcm-emulator/devices/upstream-message.ts';
import { ruleSchema, type RuleInput } from '../../../../fcm-emulator/faults/rules.ts';
import type { FcmEmulatorOptions } from '../../../../fcm-emulator/options.ts';
import { HEADER, KEY, memoryServer, USER, type MemoryClient } from '../../support/memory-client.ts';
import { plain } from '../../support/wire-client.ts';

/** A sentence of protocol.md about CCS: its section, the sentence, and a test that shows it holds. */
export type Row = readonly [section: string, sentence: string, show: () => void];

export const TOKEN = 'device-token-1';
export const server = (options: FcmEmulatorOptions = {}) => {
  const { backend, ccs, clock, connect, login } = memoryServer(options);
  return {
    backend,
    ccs,
    clock,
    connect,
    login,
    device: (token: string, spec: DeviceInput) => backend.putDevice(token, deviceSchema.parse(spec)),
    rule: (rule: RuleInput) => backend.faults.add(ruleSchema.parse(rule), clock.now()),
    upstream: (spec: Partial<UpstreamInput> = {}) =>
      ccs.outboxes.submit(upstreamSchema.parse({ from: TOKEN, ...spec }), '1234567890'),
  };
};
export const SESSION = '<iq id="s" type="set"><session xmlns="urn:ietf:params:xml:ns:xmpp-session"/></iq>';
let count = 0;
export const to = (more: object = {}): Record<string, unknown> => ({
  to: TOKEN,
  message_id: `m-${(count += 1)}`,
  ...more,
});
export const answer = (json: object, options: FcmEmulatorOptions = {}): Record<string, unknown> =>
  server(options).login().ask(json);
export const acked = (json: object): void => expect(answer(json)).toMatchObject({ message_type: 'ack' });
export const nacked = (json: object, error = 'INVALID_JSON'): void =>
  expect(answer(json)).toMatchObject({ message_type: 'nack', error });
export const ack = (messageId: string, from = TOKEN): object => ({
  to: from,
  message_id: messageId,
  message_type: 'ack',
});
export const features = (client: MemoryClient, auth = plain(USER, KEY), header = HEADER): string => {
  client.write(header);
  client.write(auth);
  return client.write(header);
};
const topicServer = () => {
  const s = server();
  for (const [token, topics] of Object.entries({ 'token-a': ['A'], 'token-ab': ['A', 'B'], 'token-c': ['C'] }))
    s.device(token, { topics });
  return s;
};
export const reached = (json: object): string[] => {
  const s = topicServer();
  expect(s.login().ask({ message_id: 'm', ...json })).toMatchObject({ message_type: 'ack' });
  return s.backend.delivery.received().map(({ token }) => token);
};
export const offline = (options: FcmEmulatorOptions = {}) => {
  const s = server(options);
  s.device(TOKEN, { online: false });
  return {
    ...s,
    client: s.login(),
    back: () => {
      s.device(TOKEN, { online: true });
      return s.backend.delivery.received(TOKEN);
    },
  };
};
