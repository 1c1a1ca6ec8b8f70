import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { startFunctions, type FunctionsHost } from '../../functions-host.ts';
import { rawRequest, type RawRequest } from '../../raw-request.ts';

jest.setTimeout(180_000); // 24 waves of 50 requests, two of them slow on purpose
const MB = 1024 * 1024;
const AT_ONCE = 50;
const MAY_GROW_MB = 16;
const LINUX = process.platform === 'linux';

const spaces = Buffer.alloc(48 * MB, ' ');
const plain = spaces.subarray(0, 12 * MB);
const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

interface Hostile extends Omit<RawRequest, 'head'> {
  readonly encoding?: string;
  readonly type?: string;
}

const HOSTILE: Readonly<Record<string, Hostile>> = {
  gzip: { encoding: 'gzip', body: gzipSync(spaces) },
  deflate: { encoding: 'deflate', body: deflateSync(spaces) },
  br: { encoding: 'br', body: brotliCompressSync(spaces, fast) },
  zstd: { encoding: 'zstd', body: zstdCompressSync(spaces) },
  'gzip, gzip': { encoding: 'gzip, gzip', body: gzipSync(gzipSync(spaces)) },
  'unknown encoding': { encoding: 'utf-8', body: gzipSync(spaces) },
  identity: { encoding: 'identity', body: plain },
  chunked: { body: plain, chunked: true },
  slow: { body: plain.subarray(0, 2 * MB), chunked: true, pauseMs: 200 },
  multipart: { type: 'multipart/form-data; boundary=x', body: plain },
  urlencoded: { type: 'application/x-www-form-urlencoded', body: Buffer.from('a[b]=c&'.repeat(MB)) },
  text: { type: 'text/plain; charset=utf-8', body: plain },
  'unknown type': { type: 'application/x-nothing', body: plain },
  'gzip of another type': { type: 'text/plain', encoding: 'gzip', body: gzipSync(spaces) },
};

let host: FunctionsHost;
beforeAll(async () => {
  if (!LINUX) return;
  // Nothing is reached: who has no right gets no further than the door.
  const env = { FUNCTION_TARGET: 'api', FIRESTORE_EMULATOR_HOST: '127.0.0.1:1', PUBSUB_EMULATOR_HOST: '127.0.0.1:1' };
  host = await startFunctions({
    senders: ['1234567890'],
    topicPrefix: '',
    env,
    nodeFlags: ['--max-old-space-size=256'],
  });
});
afterAll(async () => {
  if (LINUX) await host.close();
});

const PATHS = { '/x': 404, '/v1/messages': 401 } as const;

const requestOf = (
  path: string,
  { encoding, type = 'application/json', body, chunked, pauseMs }: Hostile,
): RawRequest => ({
  head: [
    `POST ${path} HTTP/1.1`,
    'host: relay',
    `content-type: ${type}`,
    ...(encoding === undefined ? [] : [`content-encoding: ${encoding}`]),
    chunked === true ? 'transfer-encoding: chunked' : `content-length: ${body?.length ?? 0}`,
    '',
    '',
  ].join('\r\n'),
  ...(body !== undefined && { body }),
  ...(chunked !== undefined && { chunked }),
  ...(pauseMs !== undefined && { pauseMs }),
});

const wave = async (path: string, hostile: Hostile): Promise<readonly number[]> =>
  (await Promise.all(Array.from({ length: AT_ONCE }, () => rawRequest(host.apiPort, requestOf(path, hostile))))).map(
    ({ status }) => status,
  );

/** Megabytes, by the kernel's count: what the process holds now, and the most that it ever held. */
function residentMb(): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${host.pid}/status`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

/**
 * Small requests until the process grows no more: until Node has compiled what is used, and its young generation has
 * its full size.
 */
async function warmUp(): Promise<void> {
  const small = { body: Buffer.alloc(1_000, ' ') };
  for (let round = 0, quiet = 0; round < 30 && quiet < 3; round += 1) {
    const { peak } = residentMb();
    for (let waves = 0; waves < 10; waves += 1) for (const path of Object.keys(PATHS)) await wave(path, small);
    quiet = residentMb().peak - peak < 0.5 ? quiet + 1 : 0;
  }
}

const onLinux = LINUX ? test : test.skip;

onLinux(
  '50 requests at once without a right, of any encoding, speed and type, make the process grow by 16 MB at most (Linux: read from /proc)',
  async () => {
    await warmUp();
    const before = residentMb().now;
    const grown: [string, number][] = [];
    for (const [path, status] of Object.entries(PATHS)) {
      for (const [name, hostile] of Object.entries(HOSTILE)) {
        writeFileSync(`/proc/${host.pid}/clear_refs`, '5'); // the peak is from here on: proc(5)
        const { now } = residentMb();
        expect([name, new Set(await wave(path, hostile))]).toEqual([name, new Set([status])]);
        grown.push([`${path} ${name}`, residentMb().peak - now]);
      }
    }
    const report = grown.map(([name, mb]) => `${name} +${mb.toFixed(1)}`).join(', ');
    process.stderr.write(
      `peak memory, MB, of 50 requests each: ${report}; all of them ${before.toFixed(0)} -> ${residentMb().now.toFixed(0)}\n`,
    );
    for (const [name, mb] of grown) expect([name, mb <= MAY_GROW_MB]).toEqual([name, true]);
    // 1 400 requests leave nothing behind: the rest is how malloc keeps its books
    expect(residentMb().now - before).toBeLessThanOrEqual(2 * MAY_GROW_MB);
  },
);

onLinux('they are answered before their bodies have come', async () => {
  const body = Buffer.alloc(5, ' ');
  const head =
    'POST /v1/messages HTTP/1.1\r\nhost: relay\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n';
  expect(await rawRequest(host.apiPort, { head, body })).toMatchObject({ status: 401 });
});

onLinux('who asks whether to go on is told no', async () => {
  const head = 'POST /v1/messages HTTP/1.1\r\nhost: relay\r\nexpect: 100-continue\r\ncontent-length: 1000000\r\n\r\n';
  expect(await rawRequest(host.apiPort, { head })).toMatchObject({
    status: 401,
    text: expect.stringMatching(/^HTTP\/1\.1 401/),
  });
});
