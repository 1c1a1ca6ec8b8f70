import { parseArgs } from 'node:util';
import { startProcess } from './emulator-process.ts';
import { login } from './load-client.ts';

/** Measures the emulator's memory per idle, logged-in connection. Needs that many file descriptors (ulimit -n). */
const { values } = parseArgs({
  options: { connections: { type: 'string', default: '10000' }, atOnce: { type: 'string', default: '50' } },
});
const [connections, atOnce] = [Number(values.connections), Number(values.atOnce)];

const emulator = await startProcess(['--keepalive', '0', '--history', '0']);
await emulator.control.settings.change({ connectionLimit: connections });
const before = await emulator.control.stats();
const start = performance.now();
const sockets = [];
for (let at = 0; at < connections; at += atOnce) {
  sockets.push(
    ...(await Promise.all(Array.from({ length: Math.min(atOnce, connections - at) }, () => login(emulator.endpoint)))),
  );
}
const seconds = (performance.now() - start) / 1_000;
const after = await emulator.control.stats();
const perConnection = (name: 'rssBytes' | 'heapBytes'): number =>
  Math.round((after.process[name] - before.process[name]) / connections / 102.4) / 10;
const result = {
  open: after.connections.open,
  seconds: Number(seconds.toFixed(1)),
  rssKbPerConnection: perConnection('rssBytes'),
  heapKbPerConnection: perConnection('heapBytes'),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
for (const socket of sockets) socket.destroy();
await emulator.stop();
