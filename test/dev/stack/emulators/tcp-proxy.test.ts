import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startTcpProxy, type TcpProxy } from '../../../../dev/stack/emulators/tcp-proxy.ts';

let engine: Server;
let relay: TcpProxy;
let ends: string[];

beforeEach(async () => {
  ends = [];
  engine = createServer((socket) => {
    socket.on('error', ({ message }) => ends.push(message));
    socket.on('end', () => ends.push('orderly'));
    socket.pipe(socket);
  });
  await once(engine.listen(0, '127.0.0.1'), 'listening');
  relay = await startTcpProxy((engine.address() as AddressInfo).port);
});
afterEach(async () => {
  relay.close();
  await new Promise((resolve) => engine.close(resolve));
});

function dial(): Socket {
  const [host = '', port = ''] = relay.address.split(':');
  return connect({ host, port: Number(port) });
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

test('passes on what both ends say', async () => {
  const socket = dial();
  expect(await echo(socket, 'hello')).toBe('hello');
  socket.destroy();
});

test('the reset of a process that is killed reaches the engine as an orderly end', async () => {
  const socket = dial();
  await echo(socket, 'hello');
  socket.resetAndDestroy();
  await engineHas('orderly');
});

test('cut: the engine sees an orderly end, who speaks to it a reset, new connections are refused; mended, it takes them again', async () => {
  const socket = dial();
  await echo(socket, 'hello');
  const reset = once(socket, 'error');
  await relay.cut();
  expect(((await reset) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET');
  await engineHas('orderly');
  expect(((await once(dial(), 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
  await relay.mend();
  const again = dial();
  expect(await echo(again, 'there?')).toBe('there?');
  again.destroy();
});

async function engineHas(end: string): Promise<void> {
  while (ends.length === 0) await new Promise(setImmediate);
  expect(ends).toEqual([end]);
}
