import { z } from 'zod';
import type { Route } from './route.ts';

type Schema = Record<string, unknown>;

const json = (schema: Schema): Schema => ({ content: { 'application/json': { schema } } });

/**
 * A schema in OpenAPI's form; named schemas go to `components`. There the input form of a schema, in which fields with
 * a default are optional, is called `NameInput`.
 */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Schema): Schema {
  const suffix = io === 'input' ? 'Input' : '';
  const text = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  const { $defs = {}, ...rest } = JSON.parse(
    text.replace(/"#\/\$defs\/(\w+)"/g, (_, name: string) => `"#/components/schemas/${name}${suffix}"`),
  ) as Schema & { $defs?: Record<string, Schema> };
  for (const [name, definition] of Object.entries($defs)) components[name + suffix] = definition;
  delete rest['$schema']; // OpenAPI 3.1 states it once for the whole document
  return rest;
}

function operationId(method: string, path: string): string {
  const words = path.replace(/[{}.]/g, '').replace(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase());
  return method.toLowerCase() + words;
}

function operation({ method, path, summary, query = [], body, answer }: Route, components: Schema): Schema {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return {
    operationId: operationId(method, path),
    summary,
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...query.map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } })),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, ...json(schemaOf(body, 'input', components)) } }),
    responses: {
      ...(answer === undefined
        ? { 204: { description: 'Done' } }
        : { 200: { description: 'OK', ...json(schemaOf(answer, 'output', components)) } }),
      '4XX': { description: 'Rejected', ...json({ type: 'object', properties: { error: { type: 'string' } } }) },
    },
  };
}

const EVENTS = {
  get: {
    operationId: 'getEvents',
    summary: 'Streams everything that happens, as server-sent events',
    responses: { 200: { description: 'OK', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
  },
};

/** The OpenAPI description of the control API, from the schemas it is served by. */
export function openApi(routes: readonly Route[]): Schema {
  const paths: Record<string, Schema> = { '/events': EVENTS };
  const components: Schema = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, components) };
  return {
    openapi: '3.1.0',
    info: { title: 'FCM emulator control API', version: '1' },
    paths,
    components: { schemas: components },
  };
}
