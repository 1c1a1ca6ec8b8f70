/**
 * The function `api` as production serves it, by functions-framework, many calls at once, in a process of its own. TLS
 * ends before it there as well.
 */
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type * as Functions from '../../../functions/index.ts';
import { HOST } from '../../../dev/stack/ports.ts';
import type { Listening } from './functions-side.ts';

process.env['FUNCTION_TARGET'] = 'api'; // the platform sets it
const { api } = (await import(join(import.meta.dirname, '../../../functions/dist/index.js'))) as typeof Functions;
http('api', api as Parameters<typeof http>[1]);
const server = getTestServer('api').listen(0, HOST);
await once(server, 'listening');
process.once('SIGTERM', () => process.exit(0));
process.send?.({ kind: 'listening', port: (server.address() as AddressInfo).port } satisfies Listening);
