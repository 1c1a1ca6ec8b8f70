import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFcmEmulator, type FcmEmulator } from '../../fcm-emulator/index.ts';
import { install } from './peers/install.ts';
import { eventually, Peer } from './peers/peer.ts';
import { COLUMNS, HELLO, PEERS, type Column, type PeerSpec } from './peers/peers.ts';
import { compatibilityTable } from './peers/table.ts';

const TOKEN = 'device-token-1';
const UPSTREAM = 'żółć <&> 😀"\\';

/** What a cell is tested with: one connection serves all but the last two. */
interface Fixture {
  readonly emulator: FcmEmulator;
  readonly spec: PeerSpec;
  /** Logged in. */
  readonly peer: Peer;
}

async function acked({ control }: FcmEmulator, messageId: string): Promise<void> {
  const state = async (): Promise<true | undefined> =>
    (await control.upstreamState(messageId))[0]?.state === 'acked' ? true : undefined;
  await eventually(state, () => `${messageId} is not acked`);
}

async function closed({ control }: FcmEmulator, connections: number): Promise<void> {
  const none = async (): Promise<true | undefined> =>
    (await control.stats()).connections.open === connections ? true : undefined;
  await eventually(none, () => 'the connection is still open');
}

const CELLS: Readonly<Record<Column, (fixture: Fixture) => Promise<void>>> = {
  async login({ peer }) {
    await peer.report({ event: 'connected' });
  },
  async bind({ emulator, peer }) {
    const { jid } = await peer.report({ event: 'connected' });
    if (jid !== undefined) expect(jid).toMatch(/^1234567890@fcm\.googleapis\.com\/.*[0-9A-F]{8}$/);
    expect(await emulator.control.connections()).toMatchObject([{ state: 'bound', sender: '1234567890' }]);
  },
  async ack({ peer }) {
    peer.command(`send ${TOKEN} m-1`);
    await peer.report({ event: 'answer', id: 'm-1', type: 'ack' });
    peer.command('send bad m-2');
    await peer.report({ event: 'answer', id: 'm-2', type: 'nack', error: 'BAD_REGISTRATION' });
  },
  async emoji({ emulator }) {
    expect(await emulator.control.received(TOKEN)).toMatchObject([{ messageId: 'm-1', data: { hello: HELLO } }]);
  },
  async 'bad JSON'({ peer }) {
    peer.command('bad');
    await peer.report({ event: 'stanzaError' });
  },
  async upstream({ emulator, spec, peer }) {
    await peer.report({ event: 'upstream', id: 'waited', from: TOKEN }); // queued before the login
    await acked(emulator, 'waited');
    const text = spec.limits.upstream === undefined ? UPSTREAM : 'ascii <&>';
    await emulator.control.upstream({ from: TOKEN, messageId: 'u-1', data: { text } });
    expect(await peer.report({ event: 'upstream', id: 'u-1' })).toMatchObject({ data: { text } });
    await acked(emulator, 'u-1');
  },
  async ping({ peer }) {
    peer.command('ping');
    expect(await peer.report({ event: 'pong' })).toMatchObject({ from: 'fcm.googleapis.com' });
  },
  async draining({ emulator, spec, peer }) {
    await emulator.control.drainAll({ closeAfterMs: 60_000 });
    if (spec.limits.draining === undefined) await peer.report({ event: 'control', type: 'CONNECTION_DRAINING' });
    peer.command(`send ${TOKEN} m-3`);
    await peer.report({ event: 'answer', id: 'm-3', type: 'nack', error: 'CONNECTION_DRAINING' });
    await emulator.control.upstream({ from: TOKEN, messageId: 'u-2', data: { text: 'late' } });
    await acked(emulator, 'u-2');
    await emulator.control.closeAll();
    await peer.report({ event: 'disconnected' });
  },
  async close({ emulator, spec }) {
    const refusals: unknown[] = [];
    const stop = emulator.listenToRefusals((event) => void refusals.push(event));
    // the first client may have reconnected after the drain
    const open = (await emulator.control.stats()).connections.open;
    const second = new Peer(spec, emulator);
    try {
      await second.report({ event: 'connected' });
      second.command('close');
      await second.report({ event: 'disconnected' });
      await closed(emulator, open);
      expect(refusals).toEqual([]);
    } finally {
      stop();
      await second.quit();
    }
  },
  async 'wrong key'({ emulator, spec }) {
    const peer = new Peer(spec, emulator, 'wrong');
    try {
      await peer.report({ event: 'refused' });
      expect((await emulator.control.stats()).connections.authRefused).toBeGreaterThan(0);
    } finally {
      await peer.quit();
    }
  },
};

/** A limited cell of which a part is tested. */
const PARTIAL: readonly Column[] = ['upstream', 'draining'];

install(PEERS.filter(({ large, here }) => !large && !here()).flatMap(({ packages }) => packages));

describe.each(PEERS)('$from $name', (spec) => {
  if (!spec.here()) {
    test.skip(`not installed: apt-get install ${spec.packages.join(' ')}, or npm run compat`, () => undefined);
    return;
  }
  let emulator: FcmEmulator;
  let peer: Peer;
  beforeAll(async () => {
    emulator = await startFcmEmulator({ keepaliveMs: 0 });
    await emulator.control.upstream({ from: TOKEN, messageId: 'waited', data: { text: 'waited' } });
    peer = new Peer(spec, emulator);
  }, 60_000); // some have to be built first
  afterAll(async () => {
    await peer.quit();
    await emulator.close();
  });

  const columns = COLUMNS.filter((column) => spec.limits[column] === undefined || PARTIAL.includes(column));
  test.each(columns)('%s', (column) => CELLS[column]({ emulator, spec, peer }), 60_000);
});

// WRITE_COMPATIBILITY=1 updates it.
test('COMPATIBILITY.md contains the table of what is tested here', () => {
  const path = join(import.meta.dirname, '../../fcm-emulator/COMPATIBILITY.md');
  const page = readFileSync(path, 'utf8');
  const [before, after] = [page.slice(0, page.indexOf('<!-- table -->')), page.slice(page.indexOf('<!-- /table -->'))];
  const now = `${before}<!-- table -->\n${compatibilityTable()}\n${after}`;
  if (process.env['WRITE_COMPATIBILITY'] === '1') writeFileSync(path, now);
  else expect(page).toBe(now);
});
