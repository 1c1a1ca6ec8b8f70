import { z } from 'zod';
import type { DownstreamHistory } from '../history/downstream-history.ts';
import type { Route } from './route.ts';
import { messageCountsSchema, messageSchema } from './views.ts';

export const messageRoutes = (history: DownstreamHistory): readonly Route[] => [
  {
    method: 'GET',
    path: '/messages',
    summary: 'Lists downstream messages as received, oldest first',
    query: ['messageId', 'connection'],
    answer: z.array(messageSchema),
    handle: ({ query }) =>
      history.list({
        messageId: query.get('messageId') ?? undefined,
        connection: query.get('connection') ?? undefined,
      }),
  },
  {
    method: 'GET',
    path: '/messages/counts',
    summary: 'Returns how often each message id was received, and how often acked',
    answer: messageCountsSchema,
    handle: () => history.counts(),
  },
];
