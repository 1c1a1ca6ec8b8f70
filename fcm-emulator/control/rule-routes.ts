import { z } from 'zod';
import type { Faults } from '../faults/faults.ts';
import { ruleSchema } from '../faults/rules.ts';
import { NotFound, withBody, type Route } from './route.ts';
import { ruleStateSchema } from './views.ts';

export const ruleRoutes = (faults: Faults, now: () => number): readonly Route[] => [
  {
    method: 'GET',
    path: '/rules',
    summary: 'Lists the active fault rules',
    answer: z.array(ruleStateSchema),
    handle: () => faults.list(),
  },
  withBody({
    method: 'POST',
    path: '/rules',
    summary: 'Adds a fault rule',
    body: ruleSchema,
    answer: z.object({ id: z.string() }),
    handle: (rule) => ({ id: faults.add(rule, now()) }),
  }),
  { method: 'DELETE', path: '/rules', summary: 'Removes all fault rules', handle: () => faults.clear() },
  {
    method: 'DELETE',
    path: '/rules/{id}',
    summary: 'Removes a fault rule',
    handle({ path: [id = ''] }) {
      if (!faults.remove(id)) throw new NotFound(`rule ${id}`);
    },
  },
];
