import { cloudEvent, http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type * as Functions from '../../functions/index.ts';
import { HOST } from './ports.ts';

type HttpHandler = Parameters<typeof http>[1];
type EventHandler = Parameters<typeof cloudEvent>[1];

const SIGNATURES = { api: 'http', sweep: 'http', onDownstreamRequest: 'event', onDeadLetter: 'event' } as const;

export type FunctionName = keyof typeof SIGNATURES;

/** Serves one function by functions-framework, as production does, many calls at once. @returns the port */
export async function serveFunction(functions: typeof Functions, name: FunctionName, port = 0): Promise<number> {
  if (SIGNATURES[name] === 'http') http(name, functions[name] as unknown as HttpHandler);
  else cloudEvent(name, functions[name] as unknown as EventHandler);
  const server = getTestServer(name).listen(port, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
