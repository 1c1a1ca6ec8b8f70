import { z } from 'zod';
import { chunkSchema } from '../options.ts';
import type { Session } from '../session/session.ts';
import { NotFound, withBody, type Call, type ControlHost, type Route } from './route.ts';
import { connectionSchema, type Connection } from './views.ts';

function view({ ccs }: ControlHost, session: Session): Connection {
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
}

function sessionOf({ ccs }: ControlHost, { path: [id = ''] }: Call): Session {
  const session = ccs.session(id);
  if (session === undefined) throw new NotFound(`connection ${id}`);
  return session;
}

const drainSchema = z.object({ closeAfterMs: z.number().min(0).optional() }).strict();

export const connectionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/connections',
    summary: 'The connections that are open',
    answer: z.array(connectionSchema),
    handle: (host) => host.ccs.sessions().map((session) => view(host, session)),
  },
  withBody({
    method: 'POST',
    path: '/connections/drain',
    summary: 'Drains every connection',
    body: drainSchema,
    handle: ({ ccs }, { closeAfterMs }) => ccs.sessions().forEach((session) => ccs.drain(session, closeAfterMs)),
  }),
  {
    method: 'POST',
    path: '/connections/close',
    summary: 'Closes every connection',
    handle: ({ ccs }) => ccs.sessions().forEach((session) => session.close('remote control')),
  },
  {
    method: 'POST',
    path: '/connections/reset',
    summary: 'Resets every connection',
    handle: ({ ccs }) => ccs.sessions().forEach((session) => session.reset('remote control')),
  },
  withBody({
    method: 'POST',
    path: '/connections/{id}/drain',
    summary: 'Sends CONNECTION_DRAINING, and closes later',
    body: drainSchema,
    handle: (host, { closeAfterMs }, call) => host.ccs.drain(sessionOf(host, call), closeAfterMs),
  }),
  {
    method: 'POST',
    path: '/connections/{id}/close',
    summary: 'Ends the stream and closes, with no notice',
    handle: (host, call) => sessionOf(host, call).close('remote control'),
  },
  {
    method: 'POST',
    path: '/connections/{id}/reset',
    summary: 'Resets the TCP connection',
    handle: (host, call) => sessionOf(host, call).reset('remote control'),
  },
  {
    method: 'POST',
    path: '/connections/{id}/half-open',
    summary: 'Neither reads nor writes, and keeps the socket',
    handle: (host, call) => sessionOf(host, call).freeze(),
  },
  withBody({
    method: 'POST',
    path: '/connections/{id}/chunk',
    summary: 'Cuts its output into pieces; null: whole',
    body: z.object({ chunk: chunkSchema.nullable() }).strict(),
    handle: (host, { chunk }, call) => host.tls.link(sessionOf(host, call).id)?.chunk(chunk),
  }),
];
