import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { isMessageId } from '../../../../relay/protocol/legacy/message-id.ts';
import { shownPath } from '../../../../relay/protocol/legacy/known-names.ts';
import { isObject } from '../../../../relay/protocol/rules/rule.ts';
import badRequests from '../../../relay/protocol/cases/bad-requests.json' with { type: 'json' };
import { namespace } from '../../../../dev/stack/engines.ts';
import { document, documentCount, watch, type Watched } from '../../emulated.ts';
import { startFunctions, type FunctionsHost } from '../../functions-host.ts';

const { senderId, topicPrefix } = namespace();
jest.setTimeout(60_000); // two cores for emulators, functions and tests
let host: FunctionsHost;
let lanes: readonly Watched[];
let dead: Watched;

beforeAll(async () => {
  [host, dead, ...lanes] = await Promise.all([
    startFunctions({ senders: [senderId], topicPrefix }),
    watch(`${topicPrefix}fcm-downstream-dead`),
    watch(`${topicPrefix}fcm-downstream-${senderId}-high`),
    watch(`${topicPrefix}fcm-downstream-${senderId}-normal`),
    watch(`${topicPrefix}fcm-delivery-events`),
  ]);
});
afterAll(() => host.close());

interface Fault {
  readonly path: string;
  readonly code: string;
}
const faultsOf = (errors: readonly Fault[]): string[] => errors.map(({ path, code }) => `${path}: ${code}`).sort();
const nothingQueued = async (): Promise<void> => {
  for (const lane of lanes.slice(0, 2)) expect(await lane.pull()).toEqual([]);
};

test('there are at least 80 of them', () => {
  expect(badRequests.length).toBeGreaterThanOrEqual(80);
});

describe('by HTTPS', () => {
  test.each(badRequests)('$name', async ({ input, errors }) => {
    const { status, body, headers } = await host.api('POST', '/v1/messages', { body: JSON.stringify(input) });
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(faultsOf(body.errors)).toEqual(faultsOf(errors));
    for (const { message } of body.errors) expect(message).toEqual(expect.any(String));
  });

  test('all at once in a batch: each by its own faults', async () => {
    const some = badRequests.slice(0, 500);
    const { status, body } = await host.api('POST', '/v1/messages', {
      body: { messages: some.map(({ input }) => input) },
    });
    expect(status).toBe(400);
    expect(body.results.map(({ errors }) => faultsOf(errors))).toEqual(some.map(({ errors }) => faultsOf(errors)));
  });

  test('nothing was stored or queued', async () => {
    expect(await documentCount(senderId)).toBe(0);
    await nothingQueued();
  });
});

describe('by Pub/Sub', () => {
  test.each(badRequests)('$name', async ({ input, errors }) => {
    // Under an id of this run's own, if the request has none: so that its fate can be looked up.
    const id = randomUUID();
    const named = isObject(input) && !Object.hasOwn(input, 'message_id') ? { ...input, message_id: id } : input;
    expect(await host.deliver('onDownstreamRequest', JSON.stringify(named))).toBe(204);
    const namedId = isObject(named) ? named['message_id'] : undefined;
    const recorded = isMessageId(namedId) ? await document(senderId, namedId) : undefined;
    const told = recorded === undefined ? (await dead.pull())[0]?.attributes['detail'] : recorded['error_description'];
    if (recorded !== undefined)
      expect(recorded).toMatchObject({
        state: 'nacked',
        error: expect.stringMatching(errors.map(({ code }) => code).join('|')),
      });
    const listed = String(told)
      .split('; ')
      .map((each) => each.replace(/^request: /, ': '));
    const shown = [
      ...new Set(
        faultsOf(errors.map((error) => ({ code: error.code, path: error.path === '' ? '' : shownPath(error) }))),
      ),
    ]; // no key of the caller's own
    if (String(told).length < 1_000) expect(listed.sort()).toEqual(shown);
    else expect(shown).toEqual(expect.arrayContaining(listed.slice(0, -1))); // cut at the end of its room
  });

  test('nothing was queued', nothingQueued);
});
