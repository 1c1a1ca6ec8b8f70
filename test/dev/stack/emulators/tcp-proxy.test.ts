import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startTcpProxy, type TcpProxy } from '../../../../dev/stack/emulators/tcp-proxy.ts';

let emulator: Server;
let proxy: TcpProxy;
let ends: string[];

beforeEach(async () => {
  ends = [];
  emulator = createServer((socket) => {
    socket.on('error', ({ message }) => ends.push(message));
    socket.on('end', () => ends.push('orderly'));
    socket.pipe(socket);
  });
  await once(emulator.listen(0, '127.0.0.1'), 'listening');
  proxy = await startTcpProxy((emulator.address() as AddressInfo).port);
});
afterEach(async () => {
  proxy.close();
  await new Promise((resolve) => emulator.close(resolve));
});

function dial(): Socket {
  const [host = '', port = ''] = proxy.address.split(':');
  return connect({ host, port: Number(port) });
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

test('passes bytes on in both directions', async () => {
  const socket = dial();
  expect(await echo(socket, 'hello')).toBe('hello');
  socket.destroy();
});

test('the reset of a killed process reaches the emulator as an orderly end', async () => {
  const socket = dial();
  await echo(socket, 'hello');
  socket.resetAndDestroy();
  await emulatorSaw('orderly');
});

test('cut: the emulator sees an orderly end, clients a reset; new ones are refused until it is mended', async () => {
  const socket = dial();
  await echo(socket, 'hello');
  const reset = once(socket, 'error');
  await proxy.cut();
  expect(((await reset) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET');
  await emulatorSaw('orderly');
  expect(((await once(dial(), 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
  await proxy.mend();
  const again = dial();
  expect(await echo(again, 'there?')).toBe('there?');
  again.destroy();
});

async function emulatorSaw(end: string): Promise<void> {
  while (ends.length === 0) await new Promise(setImmediate);
  expect(ends).toEqual([end]);
}
