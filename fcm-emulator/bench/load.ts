import { parseArgs } from 'node:util';
import { startProcess } from './emulator-process.ts';
import { login, send } from './load-client.ts';

/** Measures message rate, the emulator's CPU per message, and its memory slice by slice, which should stay flat. */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    connections: { type: 'string', default: '1' },
    window: { type: 'string', default: '100' },
    history: { type: 'string', default: '0' },
  },
});
const [messages, connections, window] = [Number(values.messages), Number(values.connections), Number(values.window)];
const SLICES = 10;
const MB = 1_048_576;
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const emulator = await startProcess(['--history', values.history]);
const sockets = await Promise.all(Array.from({ length: connections }, () => login(emulator.endpoint)));
const each = Math.floor(messages / connections / SLICES);
let before = await emulator.control.stats();
for (let slice = 0; slice < SLICES; slice += 1) {
  const start = performance.now();
  await Promise.all(sockets.map((socket, at) => send(socket, each, { prefix: `${slice}-${at}`, window })));
  const ms = performance.now() - start;
  const after = await emulator.control.stats();
  const sent = each * connections;
  const cpuMs = after.process.cpuMs - before.process.cpuMs;
  print({
    slice,
    sent,
    perSecond: Math.round((sent / ms) * 1_000),
    emulatorCpuMicrosPerMessage: Math.round((cpuMs * 1_000) / sent),
    emulatorCpuShare: Number((cpuMs / ms).toFixed(2)),
    rssMb: Math.round(after.process.rssBytes / MB),
    heapMb: Math.round(after.process.heapBytes / MB),
  });
  before = after;
}
print({
  received: before.downstream.received,
  acked: before.downstream.acked,
  highestPending: before.connections.highestPending,
});
for (const socket of sockets) socket.destroy();
await emulator.stop();
