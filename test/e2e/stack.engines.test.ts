import { PubSub } from '@google-cloud/pubsub';
import { createServer } from 'node:net';
import { StackProcess } from '../../dev/stack/stack-process.ts';
import { until } from '../../dev/stack/until.ts';

/** The environment of a shell behind a proxy, which must not be asked for anything on this machine. */
const DEAD_PROXY = {
  ...Object.fromEntries(
    ['http', 'https', 'grpc', 'all']
      .flatMap((kind) => [`${kind}_proxy`, `${kind}_proxy`.toUpperCase()])
      .map((name) => [name, 'http://127.0.0.1:9']),
  ),
  no_proxy: '',
  NO_PROXY: '',
  no_grpc_proxy: 'example.org',
  NODE_USE_ENV_PROXY: '1',
};

let stack: StackProcess;
beforeAll(async () => {
  stack = await StackProcess.start([], DEAD_PROXY);
}, 180_000);
afterAll(() => stack.stop(), 60_000);

const stateOf = async (id: string): Promise<unknown> => (await stack.call('GET', `/v1/messages/${id}`)).body['state'];
const acked = (id: string): Promise<void> =>
  until(async () => (await stateOf(id)) === 'acked', { withinMs: 60_000, what: () => `${id} is not acked` });

test('a batch by HTTPS: each message is accepted or refused on its own; the accepted ones are acked', async () => {
  const good = Array.from({ length: 200 }, (_, n) => ({
    message_id: `batch-${n}`,
    to: `device-token-${n}`,
    data: { n: String(n) },
  }));
  const { status, body } = await stack.call('POST', '/v1/messages', {
    messages: [...good, { to: 'device-token', time_to_live: -1, colour: 'red' }],
  });
  expect(status).toBe(202);
  expect(JSON.stringify(body)).toContain('time_to_live');
  expect(JSON.stringify(body)).toContain('colour');
  for (const { message_id: id } of good) await acked(id);
  const counts = await stack.ccs.messageCounts();
  expect(good.map(({ message_id: id }) => counts[id]?.received)).toEqual(good.map(() => 1));
}, 120_000);

test('requests by fcm-downstream-requests are acked; an invalid one is recorded as nacked under its id', async () => {
  const pubsub = new PubSub({ projectId: 'demo-relay', apiEndpoint: stack.pubsubHost, emulatorMode: true });
  const topic = pubsub.topic('fcm-downstream-requests');
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      topic.publishMessage({ json: { message_id: `topic-${n}`, to: 'device-token', data: { n: String(n) } } }),
    ),
  );
  await topic.publishMessage({
    json: { message_id: 'topic-bad', to: 'device-token', condition: 'x', time_to_live: 'soon' },
  });
  await pubsub.close();
  for (let n = 0; n < 50; n++) await acked(`topic-${n}`);
  await until(async () => (await stateOf('topic-bad')) === 'nacked', {
    withinMs: 30_000,
    what: () => 'the bad request is not recorded',
  });
  expect((await stack.ccs.messageCounts())['topic-bad']).toBeUndefined();
}, 120_000);

test('the same request 50 times at once is one message; different content under its id is a conflict', async () => {
  const request = { message_id: 'fifty-times', to: 'device-token', data: { a: 'b' } };
  const answers = await Promise.all(Array.from({ length: 50 }, () => stack.call('POST', '/v1/messages', request)));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
  await acked('fifty-times');
  expect((await stack.ccs.messageCounts())['fifty-times']).toEqual({ received: 1, acked: 1 });
  expect((await stack.call('POST', '/v1/messages', { ...request, data: { a: 'c' } })).status).toBe(409);
}, 60_000);

test('no key 401, a wrong key 401', async () => {
  const request = { to: 'device-token' };
  expect((await stack.call('POST', '/v1/messages', request, '')).status).toBe(401);
  expect((await stack.call('POST', '/v1/messages', request, 'key=wrong')).status).toBe(401);
}, 30_000);

test('a cancelled message is never sent; a late cancel is answered with a conflict', async () => {
  await acked('fifty-times');
  const late = await stack.call('DELETE', '/v1/messages/fifty-times');
  expect(late.status).toBe(409);
  await stack.ccs.settings.change({ latencyMs: 10_000 }); // the window fills up and stays full: new messages wait
  const fillers = Array.from({ length: 400 }, (_, n) => ({
    message_id: `filler-${n}`,
    to: 'device-token',
    priority: 'high',
  }));
  await stack.call('POST', '/v1/messages', { messages: fillers });
  await stack.call('POST', '/v1/messages', { message_id: 'never-sent', to: 'device-token', priority: 'normal' });
  const cancelled = await stack.call('DELETE', '/v1/messages/never-sent');
  await stack.ccs.settings.change({ latencyMs: 0 });
  expect({ status: cancelled.status, state: cancelled.body['state'] }).toEqual({ status: 200, state: 'cancelled' });
  await acked('filler-399');
  expect((await stack.ccs.messageCounts())['never-sent']).toBeUndefined();
}, 120_000);

test('a worker that is killed by hand is restarted on the same port, and continues', async () => {
  process.kill(await stack.workerPid(), 'SIGKILL');
  await until(
    () =>
      fetch(`${stack.worker}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { withinMs: 60_000, what: () => 'no worker' },
  );
  await stack.call('POST', '/v1/messages', { message_id: 'after-the-kill', to: 'device-token' });
  await acked('after-the-kill');
}, 120_000);

test('a port in use is an error that names the port and the option', async () => {
  const blocker = createServer();
  const port = await new Promise<number>((resolve) =>
    blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)),
  );
  const base = Math.min(port, 65_000);
  await expect(StackProcess.start(['--port-base', String(base)])).rejects.toThrow(
    new RegExp(`port ${port}.*--port-base`, 's'),
  );
  await new Promise((resolve) => blocker.close(resolve));
}, 60_000);

test('Ctrl-C: it exits with 0, and nothing listens any more', async () => {
  const ports = [stack.api, stack.worker]
    .map((url) => Number(new URL(url).port))
    .concat([stack.pubsubHost, stack.firestoreHost].map((host) => Number(host.split(':')[1])));
  expect(await stack.stop()).toBe(0);
  for (const port of ports) await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
}, 60_000);
