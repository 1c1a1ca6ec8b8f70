import { z } from 'zod';
import type { Route } from './route.ts';

type Schema = Record<string, unknown>;

const json = (schema: Schema): Schema => ({ content: { 'application/json': { schema } } });

/** Input schemas are what a caller may send: a field with a default may be left out. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
  const whole: Schema = { ...z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) };
  delete whole['$schema']; // OpenAPI 3.1 names it once for the whole document
  return whole;
};

function operation({ method, path, summary, query = [], body, answer }: Route): Schema {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[{}.]/g, '').replace(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...query.map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } })),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, ...json(schemaOf(body, 'input')) } }),
    responses: {
      ...(answer === undefined ? { 204: { description: 'Done' } } : { 200: { description: 'OK', ...json(schemaOf(answer, 'output')) } }),
      '4XX': { description: 'Refused', ...json({ type: 'object', properties: { error: { type: 'string' } } }) },
    },
  };
}

const EVENTS = { get: { operationId: 'getEvents', summary: 'Everything that happens, as server-sent events', responses: { 200: { description: 'OK', content: { 'text/event-stream': { schema: { type: 'string' } } } } } } };

/** The OpenAPI description of the remote control, from the schemas that it is served by. */
export function openApi(routes: readonly Route[]): Schema {
  const paths: Record<string, Schema> = { '/events': EVENTS };
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  return { openapi: '3.1.0', info: { title: 'CCS emulator: remote control', version: '1' }, paths };
}
