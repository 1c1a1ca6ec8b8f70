import { z } from 'zod';
import { NotFound, withBody, type Call, type Route } from '../../control/route.ts';
import { connectionSchema, type Connection } from '../../control/views.ts';
import { chunkSchema } from '../../settings.ts';
import type { Ccs } from '../ccs.ts';
import type { Session } from '../session/session.ts';
import type { TlsServer } from '../tls/tls-server.ts';

const REASON = 'remote control'; // in the connectionClosed event, where clients of the API may rely on it
const drainSchema = z.object({ closeAfterMs: z.number().min(0).optional() }).strict();

export function connectionRoutes(ccs: Ccs, tls: TlsServer): readonly Route[] {
  const { sessions } = ccs;
  const sessionOf = ({ path: [id = ''] }: Call): Session => {
    const session = sessions.get(id);
    if (session === undefined) throw new NotFound(`connection ${id}`);
    return session;
  };
  const view = (session: Session): Connection => {
    const { id, senderId, state, openedAt, counts } = session;
    return {
      id,
      sender: senderId,
      state,
      draining: state === 'draining',
      openedAt,
      unackedUpstream: ccs.upstream.unacked(session),
      ...counts,
    };
  };
  return [
    {
      method: 'GET',
      path: '/connections',
      summary: 'Lists the open connections',
      answer: z.array(connectionSchema),
      handle: () => sessions.list().map(view),
    },
    withBody({
      method: 'POST',
      path: '/connections/drain',
      summary: 'Drains every connection',
      body: drainSchema,
      handle: ({ closeAfterMs }) => sessions.list().forEach((session) => ccs.drain(session, closeAfterMs)),
    }),
    {
      method: 'POST',
      path: '/connections/close',
      summary: 'Closes every connection',
      handle: () => sessions.list().forEach((session) => session.close(REASON)),
    },
    {
      method: 'POST',
      path: '/connections/reset',
      summary: 'Resets every connection',
      handle: () => sessions.list().forEach((session) => session.reset(REASON)),
    },
    withBody({
      method: 'POST',
      path: '/connections/{id}/drain',
      summary: 'Sends CONNECTION_DRAINING, and closes later',
      body: drainSchema,
      handle: ({ closeAfterMs }, call) => ccs.drain(sessionOf(call), closeAfterMs),
    }),
    {
      method: 'POST',
      path: '/connections/{id}/close',
      summary: 'Ends the stream and closes, without notice',
      handle: (call) => sessionOf(call).close(REASON),
    },
    {
      method: 'POST',
      path: '/connections/{id}/reset',
      summary: 'Resets the TCP connection',
      handle: (call) => sessionOf(call).reset(REASON),
    },
    {
      method: 'POST',
      path: '/connections/{id}/half-open',
      summary: 'Stops reading and writing, but keeps the socket open',
      handle: (call) => sessionOf(call).freeze(),
    },
    withBody({
      method: 'POST',
      path: '/connections/{id}/chunk',
      summary: 'Cuts the output into chunks; null: does not',
      body: z.object({ chunk: chunkSchema.nullable() }).strict(),
      handle: ({ chunk }, call) => tls.link(sessionOf(call).id)?.chunk(chunk),
    }),
  ];
}
