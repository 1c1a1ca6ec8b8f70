import type { Input } from '../../../relay/machine/turn/input.ts';
import type { Version } from '../../../relay/model/ports.ts';
import type { LinkReport } from '../../../relay/model/link.ts';
import { Driver, START_MS } from './support/driver.ts';

const messageId = 'm1';
const ANSWERS: readonly Input[] = [
  { kind: 'read', messageId, stored: undefined },
  { kind: 'written', messageId, version: 'v9' as Version },
  { kind: 'conflicted', messageId },
  { kind: 'storeFailed', messageId },
  { kind: 'announced', messageId },
  { kind: 'announceFailed', messageId },
];

describe.each(ANSWERS)('an answer "$kind"', (answer) => {
  test('for a message that is not here changes nothing', () => {
    const driver = new Driver().open();
    driver.feed(answer);
    expect(driver.effects).toEqual([]);
  });

  test('that nothing was asked for changes nothing', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.feed(answer);
    expect(driver.effects).toEqual([]);
    expect(driver.counts).toEqual({ pending: 1 });
  });
});

test('a publish that is not known is ignored', () => {
  const driver = new Driver().open();
  driver.feed({ kind: 'published', key: 'u1' });
  driver.feed({ kind: 'publishFailed', key: 'u1' });
  expect(driver.effects).toEqual([]);
});

test('a fact or a frame of a kind that the machine does not know changes nothing', () => {
  const driver = new Driver().open();
  driver.feed({ kind: 'new' } as unknown as Input);
  driver.report('c1', { kind: 'new' } as unknown as LinkReport);
  expect(driver.effects).toEqual([]);
});

describe('the clock', () => {
  test('that steps back makes nothing happen twice or too early', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nack('m1', 'SERVICE_UNAVAILABLE');
    driver.forget();
    driver.nowMs -= 3_600_000;
    driver.feed({ kind: 'woke' });
    driver.pull('m2');
    driver.answerRead('m2');
    expect(driver.did()).toEqual(['read m2', 'send m2 on c1']);
    driver.nowMs = START_MS + 1_500;
    driver.feed({ kind: 'woke' });
    expect(driver.did()).toEqual(['write m2 sent', 'write m1 sent']);
  });

  test('that jumps ahead finds everything due at once', () => {
    const driver = new Driver().open();
    driver.pending('m1');
    driver.nowMs += 10_000_000;
    driver.feed({ kind: 'woke' });
    expect(driver.did()).toEqual(['destroy c1', 'write m1 sent', 'connect c2']);
    expect(driver.counts).toEqual({ ready: 1 });
  });
});

describe('wake', () => {
  const wakes = (driver: Driver): number[] => driver.of('wake').map(({ atMs }) => atMs - START_MS);

  test('is asked for only when it is earlier than what was asked for before', () => {
    const driver = new Driver().start();
    expect(wakes(driver)).toEqual([10_000]); // to see whether a connection has opened
    driver.opened('c1');
    expect(wakes(driver)).toEqual([10_000, 200]); // to look at the connection
    driver.pending('m1');
    driver.nack('m1', 'SERVICE_UNAVAILABLE');
    expect(wakes(driver)).toEqual([]);
  });

  test('once used up it is asked for again, for what is due next', () => {
    const driver = new Driver().open();
    driver.pass(200);
    expect(wakes(driver)).toEqual([400]);
  });

  test('that comes too early is asked for again', () => {
    const driver = new Driver().open();
    driver.nowMs += 10;
    driver.feed({ kind: 'woke' });
    expect(wakes(driver)).toEqual([200]);
  });

  test('is not needed for what another input found due already', () => {
    const driver = new Driver().open();
    driver.nowMs += 250;
    driver.heard('c1');
    expect(wakes(driver)).toEqual([]); // the wake at 200 is still to come
    driver.feed({ kind: 'woke' });
    expect(wakes(driver)).toEqual([450]);
  });
});
