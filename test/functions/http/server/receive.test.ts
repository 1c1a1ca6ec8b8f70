import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { receive, type BodyLimits, type Received } from '../../../../functions/http/server/receive.ts';

const LIMITS: BodyLimits = { bytes: 100_000, ms: 10_000 };

let server: Server;
let arrived: (request: IncomingMessage) => void;
const sockets = new Set<Socket>();

beforeEach(async () => {
  server = createServer((request) => arrived(request)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Sent {
  readonly encoding?: string;
  readonly limits?: BodyLimits;
  /** Writes the body, chunk by chunk: the framing is ours. */
  readonly write: (socket: Socket, chunk: (bytes: Buffer) => void) => void;
}

/** What is received of a request in chunks. */
async function received({ encoding = '', limits = LIMITS, write }: Sent): Promise<Received> {
  const result = new Promise<Received>((resolve) => {
    arrived = (request) => void receive(request, encoding, limits).then(resolve);
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  sockets.add(socket);
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
  write(socket, (bytes) =>
    socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])),
  );
  return await result;
}

const END = '0\r\n\r\n';
const text = Buffer.from('{"to": "abc"}');

test('a body is received whole, however it is cut up', async () => {
  expect(
    await received({
      write: (socket, chunk) => {
        for (const byte of text) chunk(Buffer.from([byte]));
        socket.write(END);
      },
    }),
  ).toEqual({ ok: true, bytes: text });
});

test.each<[string, Buffer]>([
  ['gzip', gzipSync(text)],
  ['br', brotliCompressSync(text)],
])('a body in %s is undone as it comes', async (encoding, body) => {
  expect(
    await received({
      encoding,
      write: (socket, chunk) => {
        for (const byte of body) chunk(Buffer.from([byte]));
        socket.write(END);
      },
    }),
  ).toEqual({ ok: true, bytes: text });
});

test('what inflates past the limit is given up there, and not at its end', async () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
  expect(await received({ encoding: 'gzip', write: (_, chunk) => chunk(bomb.subarray(0, bomb.length - 100)) })).toEqual(
    { ok: false, why: 'tooLarge' },
  );
});

test('so is what goes on for ever', async () => {
  expect(
    await received({
      write: (_, chunk) => {
        for (let at = 0; at < 11; at += 1) chunk(Buffer.alloc(10_000, ' '));
      },
    }),
  ).toEqual({ ok: false, why: 'tooLarge' });
});

test('and what goes on for ever and inflates to nothing', async () => {
  const nothing = Buffer.concat([
    Buffer.from([0x78, 0x01]),
    Buffer.alloc(5 * 30_000, Buffer.from([0, 0, 0, 0xff, 0xff])),
  ]); // empty blocks: RFC 1951 §3.2.4
  expect(await received({ encoding: 'deflate', write: (_, chunk) => chunk(nothing) })).toEqual({
    ok: false,
    why: 'tooLarge',
  });
});

test('what takes too long is given up', async () => {
  expect(await received({ limits: { ...LIMITS, ms: 50 }, write: (_, chunk) => chunk(text) })).toEqual({
    ok: false,
    why: 'late',
  });
});

test.each(['', 'gzip'])('a connection that ends early is noticed: %j', async (encoding) => {
  expect(
    await received({
      encoding,
      write: (socket, chunk) => {
        chunk(gzipSync(text).subarray(0, 12));
        socket.end();
      },
    }),
  ).toEqual({ ok: false, why: 'cutOff' });
});

test.each(['zstd', 'gzip, gzip', 'gzip,', 'toString', '*'])(
  'an encoding that is not taken is named before anything is read: %s',
  async (encoding) => {
    expect(await received({ encoding, write: () => undefined })).toEqual({ ok: false, why: 'unknownEncoding' });
  },
);
