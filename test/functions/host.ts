/**
 * The functions as production serves them: each by functions-framework, on a port of its own, in a process that ends
 * with the test file. Prints one line of JSON, the ports by function name; then the functions' own log.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { cloudEvent, http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { api, onDeadLetter, onDownstreamRequest, sweep } from '../../functions/index.ts';

http('api', api as Parameters<typeof http>[1]);
http('sweep', sweep as unknown as Parameters<typeof http>[1]);
cloudEvent('onDownstreamRequest', onDownstreamRequest as Parameters<typeof cloudEvent>[1]);
cloudEvent('onDeadLetter', onDeadLetter as Parameters<typeof cloudEvent>[1]);

const ports: Record<string, number> = {};
for (const name of ['api', 'sweep', 'onDownstreamRequest', 'onDeadLetter']) {
  const server = getTestServer(name).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ports[name] = (server.address() as AddressInfo).port;
}
process.stdout.write(`${JSON.stringify({ ports })}\n`);
process.stdin.resume().once('end', () => process.exit()); // the test file ended, or died
