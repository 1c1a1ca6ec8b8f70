import { MAX_FAULTS } from '../../../../relay/protocol/rules/faults.ts';
import { FIELD_ERROR_CODES } from '../../../../relay/protocol/rules/field-error.ts';
import { parseJson } from '../../../../relay/protocol/json/json.ts';
import { parseDownstream } from '../../../../relay/protocol/legacy/parse-downstream.ts';
import { badRequests, goodRequests, SENDER_ID } from '../cases.ts';

const context = { senders: [SENDER_ID], newMessageId: () => 'made-up' };
const parse = (input: unknown, senders: readonly string[] = [SENDER_ID]) =>
  parseDownstream(input, { ...context, senders });
const faultsOf = (input: unknown, senders?: readonly string[]) => {
  const parsed = parse(input, senders);
  return parsed.ok ? [] : parsed.errors.map(({ path, code }) => ({ path, code }));
};
const byPath = (a: { path: string; code: string }, b: { path: string; code: string }) =>
  `${a.path} ${a.code}` < `${b.path} ${b.code}` ? -1 : 1;

describe('a bad request has all of its faults named', () => {
  test.each(badRequests())('$name', ({ input, errors }) => {
    expect(faultsOf(input).toSorted(byPath)).toEqual(errors.toSorted(byPath));
  });

  test('there are at least 80 of them, and together they show every code that a single message can have', () => {
    expect(badRequests().length).toBeGreaterThanOrEqual(80);
    const shown = new Set(badRequests().flatMap(({ errors }) => errors.map(({ code }) => code)));
    expect(FIELD_ERROR_CODES.filter((code) => !shown.has(code))).toEqual(['REQUIRED', 'TOO_MANY']); // both below
  });

  test.each([null, undefined, 5, 'text', true, [], [{ to: 'T' }]])('a request that is no object: %j', (input) => {
    expect(faultsOf(input)).toEqual([{ path: '', code: 'WRONG_TYPE' }]);
  });
});

describe('a good request is normalised', () => {
  test.each(goodRequests())('$name', ({ input, message }) => {
    const parsed = parse(input);
    expect(parsed).toEqual({ ok: true, value: { senderId: SENDER_ID, message } });
    expect(keysOf(parsed.ok && parsed.value.message)).toEqual(keysOf(message)); // toEqual passes over an own __proto__
  });

  const keysOf = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.keys(value)
          .sort()
          .map((key) => [key, keysOf(Object.getOwnPropertyDescriptor(value, key)?.value)])
      : value;
});

describe('sender_id', () => {
  test('may be left out when there is one sender', () => {
    expect(parse({ to: 'T' }, ['7'])).toMatchObject({ ok: true, value: { senderId: '7' } });
  });

  test('chooses among several', () => {
    expect(parse({ to: 'T', sender_id: '8' }, ['7', '8'])).toMatchObject({ ok: true, value: { senderId: '8' } });
  });

  test.each([[['7', '8']], [[]]])('must be there when the senders are %j', (senders) => {
    expect(faultsOf({ to: 'T' }, senders)).toEqual([{ path: 'sender_id', code: 'REQUIRED' }]);
  });

  test('is not part of the message', () => {
    const parsed = parse({ to: 'T', sender_id: SENDER_ID });
    expect(parsed.ok && Object.keys(parsed.value.message)).not.toContain('sender_id');
  });
});

describe('message_id', () => {
  test('is made when there is none', () => {
    expect(parse({ to: 'T' })).toMatchObject({ ok: true, value: { message: { message_id: 'made-up' } } });
  });

  test('is not made for a request that is refused, or that brings its own', () => {
    const newMessageId = () => {
      throw new Error('called');
    };
    expect(parseDownstream({ to: 'T', message_id: 'a' }, { senders: ['7'], newMessageId }).ok).toBe(true);
    expect(parseDownstream({ to: 1 }, { senders: ['7'], newMessageId })).not.toHaveProperty('messageId');
  });

  test.each(['__a__b', 'a__b__', '...', '.a'])(
    '%s is not one of those that Firestore keeps for itself',
    (message_id) => {
      expect(parse({ to: 'T', message_id }).ok).toBe(true);
    },
  );

  test('comes back with a refusal when it is usable', () => {
    expect(parse({ to: 1, message_id: 'a' })).toMatchObject({ ok: false, messageId: 'a' });
    expect(parse({ to: 1, message_id: 'a/b' })).not.toHaveProperty('messageId');
    expect(parse({ to: 1, message_id: 5 })).not.toHaveProperty('messageId');
  });
});

describe('notification', () => {
  test.each(['OPEN //x', 'a x:y'])(
    'click_action %j does not begin like a URL: it is a category or an action',
    (click_action) => {
      expect(faultsOf({ to: 'T', notification: { click_action } })).toEqual([]);
    },
  );

  test('arguments in a list in a list are no arguments, even where JavaScript would print them as such', () => {
    expect(faultsOf({ to: 'T', notification: { body_loc_args: [['["a"]']] } })).toEqual([
      { path: 'notification.body_loc_args', code: 'MALFORMED' },
    ]);
  });

  test('of a payload that is too large, no argument and no URL is parsed; the rest is named', () => {
    const notification = { body_loc_args: 'x', click_action: 'http:', icon: 'https://[', color: 'red', unknown: 1 };
    const faults = (more: object) =>
      faultsOf({ to: 'T', notification: { ...notification, ...more } }).map(({ path }) => path);
    const always = ['notification.color', 'notification.unknown'];
    expect(faults({}).toSorted()).toEqual(
      ['notification.body_loc_args', 'notification.click_action', ...always, 'notification.icon'].toSorted(),
    );
    expect(faults({ body: 'x'.repeat(4_096) })).toEqual(['notification', ...always]);
  });

  test.each(['click_action', 'icon'])('%s: a URL of 2 048 bytes passes, of more it is not read', (field) => {
    const faults = (bytes: number) =>
      faultsOf({ to: 'T', notification: { [field]: 'https://a.com/'.padEnd(bytes, 'x') } });
    expect(faults(2_048)).toEqual([]);
    expect(faults(2_049)).toEqual([{ path: `notification.${field}`, code: 'TOO_LARGE' }]);
    expect(faultsOf({ to: 'T', notification: { [field]: 'OPEN'.padEnd(2_049, 'x') } })).toEqual([]);
  });

  test('a URL whose host is longer than a name can be is none, however it is written', () => {
    const long = 'ü'.repeat(256);
    const bad = [
      `https://${long}/`,
      `https://user@${long}`,
      ` https://${long}`,
      `https:\\/${long}`,
      `hTTps:/${long}?`,
      `https:${long}`,
      `ws://${long}`,
      `https://\t${long}`,
    ];
    for (const icon of bad)
      expect(faultsOf({ to: 'T', notification: { icon } })).toEqual([{ path: 'notification.icon', code: 'MALFORMED' }]);
    const good = [
      `https://bücher.example/${long}`,
      `data:,${long}`,
      `https://bücher.example?${long}`,
      `my.app://${long}`,
    ];
    for (const icon of good) expect(faultsOf({ to: 'T', notification: { icon } })).toEqual([]);
  });
});

describe('a number', () => {
  const messageOf = (json: string) => {
    const parsed = parse(parseJson(json));
    return parsed.ok ? parsed.value.message : parsed.errors.map(({ path, code }) => `${path}: ${code}`);
  };

  test.each([
    '1234567890123456789',
    '1e999',
    '1.10',
    '-0',
    '1E2',
    '10000000000000000000001',
    '[1.10,-0]',
    '{"a":[{"b":1e999}],"c":1.0}',
  ])('of data is sent as it was written: %s', (text) => {
    expect(messageOf(`{"to":"T","data":{"x":${text}}}`)).toMatchObject({ data: { x: text } });
  });

  test('of data counts with its own digits', () => {
    expect(messageOf(`{"to":"T","data":{"x":1.${'0'.repeat(4_093)}}}`)).toMatchObject({ priority: 'normal' });
    expect(messageOf(`{"to":"T","data":{"x":1.${'0'.repeat(4_094)}}}`)).toEqual(['data: TOO_LARGE']);
    const many = `[${'-0,'.repeat(1_363)}1]`; // 4 091 bytes of 1 364 values
    expect(messageOf(`{"to":"T","data":{"x":${many}}}`)).toMatchObject({ data: { x: many } });
  });

  test.each<[string, number | string]>([
    ['60.0', 60],
    ['6e1', 60],
    ['-0', 0],
    ['-0.0', 0],
    ['0e5', 0],
    ['1e999', 'OUT_OF_RANGE'],
    ['-1e999', 'OUT_OF_RANGE'],
    ['1.50', 'MALFORMED'],
    ['10000000000000000000001', 'OUT_OF_RANGE'],
  ])('of time_to_live counts by its value: %s', (text, wanted) => {
    const read = messageOf(`{"to":"T","time_to_live":${text}}`);
    if (typeof wanted === 'number') expect(read).toMatchObject({ time_to_live: wanted });
    else expect(read).toContain(`time_to_live: ${wanted}`);
  });

  test.each([
    ['3.0', '3'],
    ['3e0', '3'],
    ['-0', '0'],
  ])('of badge counts by its value: %s', (text, badge) => {
    expect(messageOf(`{"to":"T","notification":{"badge":${text}}}`)).toMatchObject({ notification: { badge } });
  });

  test.each(['to', 'collapse_key', 'message_id', 'sender_id', 'data', 'notification', 'priority', 'dry_run'])(
    'is of the wrong type for %s',
    (field) => {
      const code = field === 'priority' ? 'NOT_ALLOWED' : 'WRONG_TYPE';
      expect(messageOf(`{"to":"T","${field}":1.10}`)).toEqual([`${field}: ${code}`]);
    },
  );
});

describe('the size', () => {
  test('is told of the larger part, of data where they are alike', () => {
    const request = (dataBytes: number, notificationBytes: number) => ({
      to: 'T',
      data: { d: 'x'.repeat(dataBytes) },
      notification: { body: 'x'.repeat(notificationBytes) },
    });
    expect(faultsOf(request(2_100, 2_097))).toEqual([{ path: 'data', code: 'TOO_LARGE' }]);
    expect(faultsOf(request(2_100, 2_098))).toEqual([{ path: 'notification', code: 'TOO_LARGE' }]);
  });

  test('counts what comes after a part that just fits', () => {
    expect(faultsOf({ to: 'T', data: { a: 'x'.repeat(4_095), b: '' } })).toEqual([{ path: 'data', code: 'TOO_LARGE' }]);
  });
});

describe('a path', () => {
  test('shows the first 100 characters of a key', () => {
    const [fits, cut] = ['x'.repeat(100), 'y'.repeat(101)];
    expect(faultsOf({ to: 'T', [fits]: 1, [cut]: 1 })).toEqual([
      { path: fits, code: 'UNKNOWN_FIELD' },
      { path: `${'y'.repeat(100)}…`, code: 'UNKNOWN_FIELD' },
    ]);
  });
});

describe('a hostile request', () => {
  const unknownFields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, 1]));
  const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

  test('gets no more errors than are of use, and is told so', () => {
    expect(faultsOf({ to: 'T', ...unknownFields(MAX_FAULTS) })).toHaveLength(MAX_FAULTS);
    expect(faultsOf({ to: 'T', ...unknownFields(MAX_FAULTS) })).not.toContainEqual({ path: '', code: 'TOO_MANY' });
    const cut = faultsOf({ to: 'T', ...unknownFields(100_000) });
    expect(cut).toHaveLength(MAX_FAULTS);
    expect(cut.at(-1)).toEqual({ path: '', code: 'TOO_MANY' });
  });

  test('may have as many keys as it likes', () => {
    const many = unknownFields(100_000);
    expect(faultsOf({ to: 'T', data: many })).toEqual([{ path: 'data', code: 'TOO_LARGE' }]);
    expect(faultsOf({ to: 'T', notification: many })).toHaveLength(MAX_FAULTS);
  });

  test('may be nested as deep as it likes', () => {
    const deep = nested(100_000);
    expect(faultsOf(deep)).toEqual([{ path: '', code: 'WRONG_TYPE' }]);
    expect(faultsOf({ to: deep, priority: deep, data: deep, notification: deep })).toHaveLength(4);
    expect(faultsOf({ to: 'T', data: { k: deep } })).toEqual([{ path: 'data', code: 'TOO_LARGE' }]);
    expect(faultsOf({ to: 'T', notification: { body_loc_args: deep } })).toEqual([
      { path: 'notification', code: 'TOO_LARGE' },
    ]);
  });

  test('may bring the deepest value that the limit allows', () => {
    const parsed = parse({ to: 'T', data: { '': nested(2048) } });
    expect(parsed).toMatchObject({
      ok: true,
      value: { message: { data: { '': '['.repeat(2048) + ']'.repeat(2048) } } },
    });
    expect(faultsOf({ to: 'T', data: { '': nested(2049) } })).toEqual([{ path: 'data', code: 'TOO_LARGE' }]);
  });

  test('finds its own field names nowhere but in paths, and its values in no message', () => {
    const secret = 'sEcReT';
    for (const { input } of [
      ...badRequests(),
      { input: { to: ` ${secret}`, data: { from: secret }, [secret]: secret, priority: secret } },
    ]) {
      const parsed = parse(JSON.parse(JSON.stringify(input).replaceAll('APA91b', secret)));
      const messages = parsed.ok ? '' : parsed.errors.map(({ message }) => message).join();
      expect(messages).not.toContain(secret);
    }
  });

  test('does not reach a prototype', () => {
    parse(
      JSON.parse(
        '{"to":"T","__proto__":{"polluted":1},"data":{"__proto__":"x"},"constructor":{"prototype":{"polluted":1}}}',
      ),
    );
    expect({}).not.toHaveProperty('polluted');
  });
});
