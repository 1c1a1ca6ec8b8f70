/**
 * The functions as production serves them, each on a port of its own, in a process that ends with the test file. Prints
 * one line of JSON, the ports by function name; then the functions' own log.
 */
import { serveFunction } from '../../dev/stack/serve-function.ts';
import * as functions from '../../functions/index.ts';

const ports: Record<string, number> = {};
for (const name of ['api', 'sweep', 'onDownstreamRequest', 'onDeadLetter'] as const)
  ports[name] = await serveFunction(functions, name);
process.stdout.write(`${JSON.stringify({ ports })}\n`);
process.stdin.resume().once('end', () => process.exit()); // the test file has ended, or was killed
