/** The function `api` in a process of its own, on any free port. As in production, TLS ends before it. */
import type * as Functions from '../../../functions/index.ts';
import { PROGRAMS } from '../../../dev/stack/programs.ts';
import { serveFunction } from '../../../dev/stack/serve-function.ts';
import type { Listening } from './functions-side.ts';

process.env['FUNCTION_TARGET'] = 'api'; // as the platform does
const functions = (await import(PROGRAMS.functions)) as typeof Functions;
const port = await serveFunction(functions, 'api');
process.once('SIGTERM', () => process.exit(0));
process.send?.({ kind: 'listening', port } satisfies Listening);
