import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startCcsEmulator, type CcsEmulator } from '../../ccs-emulator/index.ts';

const PEERS = join(import.meta.dirname, 'peers');
const PYTHON = '/usr/bin/python3'; // Debian's: the package installs for it alone
const DEADLINE_MS = 20_000;

type Report = Record<string, unknown>;

/** A client that is not ours, in a process of its own. */
class Peer {
  readonly process: ChildProcess;
  readonly reports: Report[] = [];
  #errors = '';

  constructor(command: string, args: readonly string[], caPath: string) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, NODE_EXTRA_CA_CERTS: caPath } });
    createInterface({ input: this.process.stdout! }).on('line', (line) => this.reports.push(JSON.parse(line) as Report));
    this.process.stderr!.on('data', (text: Buffer) => void (this.#errors += text.toString()));
  }

  send(token: string, id: string): void {
    this.process.stdin!.write(`send ${token} ${id}\n`);
  }

  /** Waits for a report with these fields. */
  async report(fields: Report): Promise<Report> {
    for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const found = this.reports.find((report) => Object.entries(fields).every(([name, value]) => report[name] === value));
      if (found !== undefined) return found;
    }
    throw new Error(`no report ${JSON.stringify(fields)} among ${JSON.stringify(this.reports)}; ${this.#errors}`);
  }

  async quit(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await gone;
  }
}

/** Send, ack, nack, upstream and its ack, draining, the close. */
async function scenario(emulator: CcsEmulator, peer: Peer): Promise<void> {
  await peer.report({ event: 'connected' });
  peer.send('device-token-1', 'm-1');
  await peer.report({ event: 'answer', id: 'm-1', type: 'ack' });
  expect(await emulator.control.received('device-token-1')).toMatchObject([{ messageId: 'm-1', data: { hello: 'wörld <&>' } }]);
  peer.send('bad', 'm-2');
  await peer.report({ event: 'answer', id: 'm-2', type: 'nack', error: 'BAD_REGISTRATION' });
  await emulator.control.upstream({ from: 'device-token-1', messageId: 'u-1', data: { text: 'żółć <&> \u{1F600}' } });
  expect(await peer.report({ event: 'upstream', id: 'u-1' })).toMatchObject({ data: { text: 'żółć <&> \u{1F600}' } });
  await acked(emulator, 'u-1');
  await emulator.control.drainAll({ closeAfterMs: 1_000 });
  peer.send('device-token-1', 'm-3');
  await peer.report({ event: 'answer', id: 'm-3', type: 'nack', error: 'CONNECTION_DRAINING' });
  await emulator.control.upstream({ from: 'device-token-1', messageId: 'u-2', data: {} });
  await acked(emulator, 'u-2');
  await peer.report({ event: 'disconnected' });
}

async function acked(emulator: CcsEmulator, messageId: string): Promise<void> {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if ((await emulator.control.upstreamState(messageId))[0]?.state === 'acked') return;
  }
  throw new Error(`${messageId} is not acked`);
}

/** Why slixmpp cannot be had here; undefined when it can. */
function slixmppMissing(): string | undefined {
  const has = (): boolean => existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import slixmpp']).status === 0;
  if (has()) return undefined;
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'there is no apt here to install python3-slixmpp with';
  const install = (): boolean => spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'python3-slixmpp'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  if (!install()) {
    spawnSync('apt-get', ['update']);
    install();
  }
  if (has()) return undefined;
  throw new Error('apt is here, but python3-slixmpp could not be installed (as root?): apt-get install python3-slixmpp');
}

describe('clients that are not ours', () => {
  let emulator: CcsEmulator;
  let peer: Peer | undefined;
  const start = (command: string, ...args: string[]): Peer => (peer = new Peer(command, [...args.slice(0, 1), String(emulator.port), '1234567890', 'server-key', emulator.caPath], emulator.caPath));

  beforeEach(async () => {
    emulator = await startCcsEmulator({ keepaliveMs: 0 });
  });
  afterEach(async () => {
    await peer?.quit();
    await emulator.close();
  });

  test('npm node-xcs: send, ack, nack, upstream, draining', async () => {
    const client = start(process.execPath, join(PEERS, 'node-xcs.cjs'));
    await scenario(emulator, client);
  }, 60_000);

  const missing = slixmppMissing();
  (missing === undefined ? test : test.skip)(`Debian python3-slixmpp: send, ack, nack, upstream, draining${missing === undefined ? '' : ` (skipped: ${missing})`}`, async () => {
    const client = start(PYTHON, join(PEERS, 'slixmpp_client.py'));
    await scenario(emulator, client);
    expect(await client.report({ event: 'control' })).toMatchObject({ type: 'CONNECTION_DRAINING' });
  }, 60_000);
});
