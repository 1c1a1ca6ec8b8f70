import { z } from 'zod';
import type { Backend } from '../backend.ts';
import { deviceSchema, type Device } from '../devices/devices.ts';
import { NotFound, withBody, type Route } from './route.ts';
import { deviceStateSchema, receivedSchema, type DeviceState } from './views.ts';

const subscriptionSchema = z.object({ token: z.string().min(1), topic: z.string().min(1) }).strict();

function view({ token, spec, topics, mailbox }: Device): DeviceState {
  return { ...spec, token, topics: [...topics], stored: mailbox.size };
}

export function deviceRoutes(backend: Backend): readonly Route[] {
  const { devices, delivery } = backend;
  return [
    {
      method: 'GET',
      path: '/devices',
      summary: 'Lists the registered devices',
      answer: z.array(deviceStateSchema),
      handle: () => devices.list().map(view),
    },
    {
      method: 'GET',
      path: '/devices/{token}',
      summary: 'Returns a device',
      answer: deviceStateSchema,
      handle({ path: [token = ''] }) {
        const device = devices.get(token);
        if (device === undefined) throw new NotFound(`device ${token}`);
        return view(device);
      },
    },
    withBody({
      method: 'PUT',
      path: '/devices/{token}',
      summary: 'Creates or changes a device',
      body: deviceSchema,
      handle: (spec, { path: [token = ''] }) => backend.putDevice(token, spec),
    }),
    withBody({
      method: 'POST',
      path: '/devices',
      summary: 'Creates or changes many devices',
      body: z.record(z.string(), deviceSchema),
      handle: (specs) => Object.entries(specs).forEach(([token, spec]) => backend.putDevice(token, spec)),
    }),
    {
      method: 'DELETE',
      path: '/devices/{token}',
      summary: 'Removes a device',
      handle: ({ path: [token = ''] }) => void devices.remove(token),
    },
    withBody({
      method: 'PUT',
      path: '/groups/{key}',
      summary: 'Creates or changes a device group',
      body: z.object({ tokens: z.array(z.string()) }).strict(),
      handle: ({ tokens }, { path: [key = ''] }) => devices.putGroup(key, tokens),
    }),
    withBody({
      method: 'POST',
      path: '/subscriptions',
      summary: 'Subscribes a device to a topic',
      body: subscriptionSchema,
      handle: ({ token, topic }) => devices.subscribe(token, topic),
    }),
    withBody({
      method: 'DELETE',
      path: '/subscriptions',
      summary: 'Unsubscribes a device from a topic',
      body: subscriptionSchema,
      handle: ({ token, topic }) => devices.unsubscribe(token, topic),
    }),
    {
      method: 'GET',
      path: '/received',
      summary: 'Lists what devices received, oldest first',
      query: ['token'],
      answer: z.array(receivedSchema),
      handle: ({ query }) => delivery.received(query.get('token') ?? undefined),
    },
  ];
}
