import domain from 'node:domain';
import { outsideDomain } from '../../functions/outside-domain.ts';

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
