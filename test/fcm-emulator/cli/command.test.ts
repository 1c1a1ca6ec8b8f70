import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { delaySchema } from '../../../fcm-emulator/time/delay.ts';
import { EmulatorControl } from '../../../fcm-emulator/client.ts';
import { readCommandLine } from '../../../fcm-emulator/cli/command-line.ts';
import { UsageError } from '../../../fcm-emulator/cli/option-value.ts';
import { WireClient } from '../support/wire-client.ts';

const MAIN = join(import.meta.dirname, '../../../fcm-emulator/main.ts');
const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, '--port', '0', '--control-port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

async function failure(...args: string[]): Promise<{ code: number; text: string }> {
  const child = start(...args);
  let text = '';
  child.stderr!.on('data', (bytes: Buffer) => void (text += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}

test('the command prints one line when ready, names a taken port and its option, and ends on SIGTERM', async () => {
  const child = start();
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const found = /^ready ccs=127\.0\.0\.1:(\d+) control=(http:\/\/127\.0\.0\.1:\d+) ca=(\/\S+)$/.exec(line);
  const [, port = '', control = ''] = found ?? [];
  expect(await new EmulatorControl(control).stats()).toMatchObject({ connections: { open: 0 } });
  expect(await failure('--port', port)).toEqual({
    code: 1,
    text: expect.stringMatching(`cannot listen on port ${port} \\(option --port\\)`),
  });
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
}, 20_000);

test("an address that is not this machine's is reported with its option", async () => {
  const name = 'cannot listen on address 192.0.2.1 (option --control-host)';
  expect(await failure('--control-host', '192.0.2.1')).toEqual({ code: 1, text: expect.stringContaining(name) });
}, 20_000);

test('a wrong command line ends the command with a line that says what is expected, without a stack', async () => {
  expect(await failure('--latency', '5-1')).toEqual({
    code: 1,
    text: 'fcm-emulator: --latency: expected MIN-MAX, but 5 is above 1\nSee --help.\n',
  });
}, 20_000);

test.each<[string, string]>([
  ['--latency soon', '--latency: expected a number'],
  ['--latency 5-1', '--latency: expected MIN-MAX, but 5 is above 1'],
  ['--latency 5-', '--latency: expected a number, not ""'],
  ['--latency -5', "'--latency' argument is ambiguous"],
  ['--latency 1-2-3', '--latency: expected MIN-MAX'],
  ['--latency NaN', '--latency: expected a number'],
  ['--latency Infinity', '--latency: expected a number'],
  ['--latency 1e3', '--latency: expected a number'],
  ['--latency=', '--latency: expected a number'],
  ['--latency 99999999999', '--latency: 99999999999 is not between'],
  ['--chunk 7-1', '--chunk: expected MIN-MAX, but 7 is above 1'],
  ['--chunk 0-3', '--chunk: 0 is not between 1'],
  ['--chunk 1.5-3', '--chunk: expected a whole number'],
  ['--port 65536', '--port: 65536 is not between 0 and 65535'],
  ['--port 5.5', '--port: expected a whole number'],
  ['--port=', '--port: expected a whole number, not ""'],
  ['--port 0x10', '--port: expected a whole number'],
  ['--test-port 70000', '--test-port: 70000'],
  ['--control-port x', '--control-port: expected a whole number'],
  ['--pending-limit 0', '--pending-limit: 0 is not between 1'],
  ['--pending-limit 1.5', '--pending-limit: expected a whole number'],
  ['--history=-1', '--history: expected a whole number'],
  ['--history 9007199254740993', '--history: 9007199254740993 is not'],
  ['--keepalive never', '--keepalive: expected a number'],
  ['--host=', '--host: expected a value'],
  ['--control-host=', '--control-host: expected a value'],
  ['--directory=', '--directory: expected a value'],
  ['--control-name a/b', '--control-name: expected NAME or NAME:PORT'],
  ['--sender 42', '--sender: expected ID=KEY'],
  ['--sender =secret', '--sender: expected ID=KEY'],
  ['--sender 42=', '--sender: expected ID=KEY'],
  ['--sender 42@fcm.googleapis.com=secret', '--sender: expected ID=KEY'],
  ['--sender 42=a --sender 42=b', '--sender: 42 is given twice'],
  ['--cert a --key b', '--cert, --key and --ca must be given together'],
  ['--cert /nowhere --key b --ca c', '--cert: cannot read /nowhere'],
  ['--devices /nowhere', '--devices: cannot read /nowhere'],
  ['--over-limit x', '--over-limit: expected one of ignore, nack, close'],
  ['--log loud', '--log: expected one of quiet, pretty, wire'],
  ['--what', "Unknown option '--what'"],
  ['more', 'Unexpected argument'],
])('the mistake is named: %s', (line, text) => {
  const read = (): unknown => readCommandLine(line.split(' '));
  expect(read).toThrow(UsageError);
  expect(read).toThrow(text);
  expect(read).not.toThrow(/secret/);
});

test('valid options are accepted', () => {
  const { options, log } = readCommandLine(
    [
      '--latency 1.5-3 --chunk 1-1 --port 65535 --keepalive 0 --sender 42=a=b',
      '--control-name ccs --control-name [::1]:80 --log wire',
    ]
      .join(' ')
      .split(' '),
  );
  expect(log).toBe('wire');
  expect(options).toMatchObject({
    latencyMs: { min: 1.5, max: 3 },
    chunk: { min: 1, max: 1 },
    port: 65_535,
    keepaliveMs: 0,
    senders: { 42: 'a=b' },
    controlNames: ['ccs', '[::1]:80'],
    host: '127.0.0.1',
    controlHost: '127.0.0.1',
  });
});

test('a delay with min above max is rejected', () => {
  expect(() => delaySchema.parse({ min: 5, max: 1 })).toThrow('min must not be above max');
});

/** What the command prints while a client fails to log in, then one logs in, sends a message and breaks the stream. */
async function logs(...args: string[]): Promise<{ out: string; err: string }> {
  const child = start(...args);
  let [out, err] = ['', ''];
  child.stdout!.on('data', (bytes: Buffer) => void (out += bytes.toString()));
  child.stderr!.on('data', (bytes: Buffer) => void (err += bytes.toString()));
  while (!out.includes('\n')) await once(child.stdout!, 'data');
  const [, port = '', caPath = ''] = /ccs=[^:]*:(\d+) .*ca=(\S+)/.exec(out) ?? [];
  const emulator = { port: Number(port), caPath };
  await expect(WireClient.login(emulator, '1234567890', 'no-such-key')).rejects.toThrow();
  const client = await WireClient.login(emulator);
  client.send({ to: 'device-token', message_id: 'm-1' });
  await client.until('</message>');
  client.write('<!-- -->');
  await client.untilClosed();
  child.kill('SIGTERM');
  await once(child, 'close');
  return { out, err };
}

test('an invalid file of devices is reported with its option', async () => {
  const file = join(import.meta.dirname, '../../../package.json');
  expect(await failure('--devices', file)).toEqual({
    code: 1,
    text: expect.stringMatching(/^fcm-emulator: --devices: /),
  });
}, 20_000);

test('--log quiet prints refusals and their reasons on stderr', async () => {
  const { out, err } = await logs();
  expect(out).toMatch(/^ready .*\n$/);
  expect(err.replaceAll(/^\S+ /gm, '')).toBe(
    `authRefused connection=c1 sender=1234567890 reason="wrong server key for sender 1234567890"
streamError connection=c2 condition=restricted-xml reason="a comment, a DOCTYPE, or CDATA outside a stanza"
`,
  );
}, 20_000);

test('--log pretty prints a line for each event', async () => {
  const { out, err } = await logs('--log', 'pretty');
  expect(err).toBe('');
  for (const type of [
    'connectionOpened',
    'authRefused',
    'connectionClosed',
    'connectionBound',
    'downstream',
    'delivered',
    'streamError',
  ])
    expect(out).toContain(`Z ${type} `);
}, 20_000);

test('--log wire prints the stanzas of both directions, but no key in any form', async () => {
  const { out } = await logs('--log', 'wire');
  expect(out).toContain('c2 > <auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">***</auth>\n');
  expect(out).toContain('c1 < <failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>\n');
  expect(out).toContain(
    'c2 > <message id=""><gcm xmlns="google:mobile:data">{"to":"device-token","message_id":"m-1"}</gcm></message>\n',
  );
  expect(out).toContain('c2 < <message><data:gcm xmlns:data="google:mobile:data">{"message_type":"ack"');
  for (const secret of ['server-key', 'no-such-key']) {
    for (const shift of ['', '\0', '\0\0'])
      expect(out).not.toContain(Buffer.from(`${shift}${secret}`).toString('base64').slice(2, -4));
    expect(out.replace(/ca=\S+/, '')).not.toContain(secret);
  }
}, 20_000);
