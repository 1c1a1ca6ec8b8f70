import { z } from 'zod';
import { deviceSchema, type Device } from '../devices/devices.ts';
import { ruleSchema } from '../faults/rules.ts';
import { upstreamSchema } from '../ccs/upstream-desk.ts';
import { settingsSchema } from '../options.ts';
import { connectionRoutes } from './connection-routes.ts';
import { openApi } from './openapi.ts';
import { NotFound, withBody, type ControlHost, type Route } from './route.ts';
import {
  deviceStateSchema,
  messageCountsSchema,
  messageSchema,
  receivedSchema,
  ruleStateSchema,
  statsSchema,
  upstreamResultSchema,
  upstreamStateSchema,
  type DeviceState,
  type Stats,
} from './views.ts';

const MAX_BATCH = 100_000;

function deviceState({ token, spec, topics, mailbox }: Device): DeviceState {
  return { ...spec, token, topics: [...topics], stored: mailbox.size };
}

function stats({ ccs }: ControlHost): Stats {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    connections: ccs.counters,
    downstream: ccs.history.counters,
    upstream: ccs.upstream.counters,
    process: { cpuMs: (user + system) / 1_000, rssBytes: rss, heapBytes: heapUsed },
  };
}

const subscriptionSchema = z.object({ token: z.string().min(1), topic: z.string().min(1) }).strict();
/** A change names only what changes: a default must not fill the rest in. */
const changeSchema = z
  .object(
    Object.fromEntries(Object.entries(settingsSchema.shape).map(([name, field]) => [name, field.unwrap().optional()])),
  )
  .strict();

const deviceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/devices',
    summary: 'The devices that were made',
    answer: z.array(deviceStateSchema),
    handle: ({ ccs }) => ccs.devices.list().map(deviceState),
  },
  {
    method: 'GET',
    path: '/devices/{token}',
    summary: 'One device',
    answer: deviceStateSchema,
    handle({ ccs }, { path: [token = ''] }) {
      const device = ccs.devices.get(token);
      if (device === undefined) throw new NotFound(`device ${token}`);
      return deviceState(device);
    },
  },
  withBody({
    method: 'PUT',
    path: '/devices/{token}',
    summary: 'Makes or changes a device',
    body: deviceSchema,
    handle: ({ ccs }, spec, { path: [token = ''] }) => ccs.putDevice(token, spec),
  }),
  withBody({
    method: 'POST',
    path: '/devices',
    summary: 'Makes or changes many devices',
    body: z.record(z.string(), deviceSchema),
    handle: ({ ccs }, specs) => Object.entries(specs).forEach(([token, spec]) => ccs.putDevice(token, spec)),
  }),
  {
    method: 'DELETE',
    path: '/devices/{token}',
    summary: 'Forgets a device',
    handle: ({ ccs }, { path: [token = ''] }) => void ccs.devices.remove(token),
  },
  withBody({
    method: 'PUT',
    path: '/groups/{key}',
    summary: 'Makes a device group',
    body: z.object({ tokens: z.array(z.string()) }).strict(),
    handle: ({ ccs }, { tokens }, { path: [key = ''] }) => ccs.devices.putGroup(key, tokens),
  }),
  withBody({
    method: 'POST',
    path: '/subscriptions',
    summary: 'Subscribes a device to a topic',
    body: subscriptionSchema,
    handle: ({ ccs }, { token, topic }) => ccs.devices.subscribe(token, topic),
  }),
  withBody({
    method: 'DELETE',
    path: '/subscriptions',
    summary: 'Ends a subscription',
    body: subscriptionSchema,
    handle: ({ ccs }, { token, topic }) => ccs.devices.unsubscribe(token, topic),
  }),
  {
    method: 'GET',
    path: '/received',
    summary: 'What devices got, oldest first',
    query: ['token'],
    answer: z.array(receivedSchema),
    handle: ({ ccs }, { query }) => ccs.delivery.received(query.get('token') ?? undefined),
  },
];

const messageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/messages',
    summary: 'Downstream stanzas as they came in, oldest first',
    query: ['messageId', 'connection'],
    answer: z.array(messageSchema),
    handle: ({ ccs }, { query }) =>
      ccs.history.list({
        messageId: query.get('messageId') ?? undefined,
        connection: query.get('connection') ?? undefined,
      }),
  },
  {
    method: 'GET',
    path: '/messages/counts',
    summary: 'How often each message id came and was acked',
    answer: messageCountsSchema,
    handle: ({ ccs }) => ccs.history.counts(),
  },
  withBody({
    method: 'POST',
    path: '/upstream',
    summary: 'Devices send messages',
    body: z.array(upstreamSchema).max(MAX_BATCH),
    answer: z.array(upstreamResultSchema),
    handle: ({ ccs, defaultSender }, specs) =>
      specs.map((spec) => ccs.upstreamDesk.submit(spec, spec.sender ?? defaultSender)),
  }),
  {
    method: 'GET',
    path: '/upstream',
    summary: 'Every upstream message: where it was sent and acked',
    query: ['messageId'],
    answer: z.array(upstreamStateSchema),
    handle: ({ ccs }, { query }) =>
      ccs.upstream
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

const ruleRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/rules',
    summary: 'The faults in force',
    answer: z.array(ruleStateSchema),
    handle: ({ ccs }) => ccs.faults.list(),
  },
  withBody({
    method: 'POST',
    path: '/rules',
    summary: 'Adds a fault',
    body: ruleSchema,
    answer: z.object({ id: z.string() }),
    handle: ({ ccs }, rule) => ({ id: ccs.faults.add(rule, ccs.clock.now()) }),
  }),
  { method: 'DELETE', path: '/rules', summary: 'Ends all faults', handle: ({ ccs }) => ccs.faults.clear() },
  {
    method: 'DELETE',
    path: '/rules/{id}',
    summary: 'Ends one fault',
    handle({ ccs }, { path: [id = ''] }) {
      if (!ccs.faults.remove(id)) throw new NotFound(`rule ${id}`);
    },
  },
];

const serverRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/healthz',
    summary: 'Up',
    answer: z.object({ ok: z.literal(true) }),
    handle: () => ({ ok: true }),
  },
  { method: 'GET', path: '/stats', summary: 'Counters', answer: statsSchema, handle: stats },
  {
    method: 'GET',
    path: '/settings',
    summary: 'The settings in force',
    answer: settingsSchema,
    handle: ({ ccs }) => ccs.settings,
  },
  withBody({
    method: 'PATCH',
    path: '/settings',
    summary: 'Changes settings',
    body: changeSchema,
    answer: settingsSchema,
    handle({ ccs }, change) {
      ccs.change(change);
      return ccs.settings;
    },
  }),
  {
    method: 'POST',
    path: '/reset',
    summary: 'Devices, rules, queues, histories, counters and settings as at the start; connections stay',
    handle: ({ ccs }) => ccs.reset(),
  },
  { method: 'GET', path: '/openapi.json', summary: 'This description', handle: () => openApi(ROUTES) },
];

/** The whole remote control but the event stream. */
export const ROUTES: readonly Route[] = [
  ...serverRoutes,
  ...deviceRoutes,
  ...messageRoutes,
  ...ruleRoutes,
  ...connectionRoutes,
];
