import { z } from 'zod';
import type { Backend } from '../backend.ts';
import { settingsSchema } from '../settings.ts';
import { openApi } from './openapi.ts';
import { withBody, type Route } from './route.ts';
import { statsSchema, type Stats } from './views.ts';

/** A change names only what changes: defaults must not fill in the rest. */
const changeSchema = z
  .object(
    Object.fromEntries(Object.entries(settingsSchema.shape).map(([name, field]) => [name, field.unwrap().optional()])),
  )
  .strict();

function processStats(): Stats['process'] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpuMs: (user + system) / 1_000, rssBytes: rss, heapBytes: heapUsed };
}

/** @param wireStats the counters that the wires keep */
export const serverRoutes = (
  backend: Backend,
  wireStats: () => Pick<Stats, 'connections' | 'upstream'>,
): readonly Route[] => [
  {
    method: 'GET',
    path: '/healthz',
    summary: 'Returns 200 when the emulator is up',
    answer: z.object({ ok: z.literal(true) }),
    handle: () => ({ ok: true }),
  },
  {
    method: 'GET',
    path: '/stats',
    summary: 'Returns the counters',
    answer: statsSchema,
    handle: () => {
      const { connections, upstream } = wireStats();
      return { connections, downstream: backend.history.counters, upstream, process: processStats() };
    },
  },
  {
    method: 'GET',
    path: '/settings',
    summary: 'Returns the settings',
    answer: settingsSchema,
    handle: () => backend.settings,
  },
  withBody({
    method: 'PATCH',
    path: '/settings',
    summary: 'Changes settings',
    body: changeSchema,
    answer: settingsSchema,
    handle(change) {
      backend.changeSettings(change);
      return backend.settings;
    },
  }),
  {
    method: 'POST',
    path: '/reset',
    summary: 'Resets everything but the connections: devices, rules, queues, histories, counters, settings',
    handle: () => backend.reset(),
  },
];

/** Describes `routes`, and itself. */
export function openApiRoute(routes: readonly Route[]): Route {
  const route: Route = {
    method: 'GET',
    path: '/openapi.json',
    summary: 'Returns this description',
    handle: () => openApi([...routes, route]),
  };
  return route;
}
