import domain from 'node:domain';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { jest } from '@jest/globals';
import { outsideDomain, withoutDomains } from '../../../functions/platform/outside-domain.ts';

const current = (): unknown => (process as { domain?: unknown }).domain;

test('what is handled in a domain runs outside of it, and so does what comes later', async () => {
  const handle = outsideDomain(async (name: string) => {
    const first = current();
    await new Promise((resolve) => setImmediate(resolve));
    return { name, first, later: current() };
  });
  const d = domain.create();
  const handled = d.run(() => {
    expect(current()).toBe(d);
    return handle('a call');
  });
  expect(await handled).toEqual({ name: 'a call', first: undefined, later: undefined });
});

test('where there is no domain it only calls', () => {
  expect(outsideDomain((a: number, b: number) => a + b)(1, 2)).toBe(3);
});

describe('without domains', () => {
  const { create } = domain;
  afterAll(() => {
    domain.create = create;
  });

  test('the framework serves as before: what a handler answers, and 500 where it rejects; and no call has a domain', async () => {
    withoutDomains();
    const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const domains: unknown[] = [];
    http('probe', async ({ path }, response) => {
      domains.push(current());
      await new Promise((resolve) => setImmediate(resolve));
      if (path === '/bad') throw new Error('a mistake');
      response.send('good');
    });
    const listening = getTestServer('probe').listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
    const [good, bad] = await Promise.all([fetch(`${url}/good`), fetch(`${url}/bad`)]);
    expect([good.status, await good.text(), bad.status]).toEqual([200, 'good', 500]);
    expect(domains.map((one) => one ?? 'none')).toEqual(['none', 'none']);
    expect(String(logged.mock.calls[0])).toContain('a mistake');
    logged.mockRestore();
    listening.closeAllConnections();
    listening.close();
  });
});
