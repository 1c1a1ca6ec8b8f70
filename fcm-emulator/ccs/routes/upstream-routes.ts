import { z } from 'zod';
import { withBody, type Route } from '../../control/route.ts';
import { upstreamResultSchema, upstreamStateSchema } from '../../control/views.ts';
import { upstreamSchema } from '../../devices/upstream-message.ts';
import type { Ccs } from '../ccs.ts';

const MAX_BATCH = 100_000;

export const upstreamRoutes = (ccs: Ccs, defaultSender: string): readonly Route[] => [
  withBody({
    method: 'POST',
    path: '/upstream',
    summary: 'Sends messages from devices',
    body: z.array(upstreamSchema).max(MAX_BATCH),
    answer: z.array(upstreamResultSchema),
    handle: (specs) => specs.map((spec) => ccs.outboxes.submit(spec, spec.sender ?? defaultSender)),
  }),
  {
    method: 'GET',
    path: '/upstream',
    summary: 'Lists upstream messages: where they were sent, where acked',
    query: ['messageId'],
    answer: z.array(upstreamStateSchema),
    handle: ({ query }) =>
      ccs.upstreamRecords
        .list()
        .filter(({ messageId }) => (query.get('messageId') ?? messageId) === messageId)
        .map(({ sender, from, messageId, state, sends, ackedOn, foreignAcks }) => ({
          sender,
          from,
          messageId,
          state,
          sends,
          ackedOn,
          foreignAcks,
        })),
  },
];
