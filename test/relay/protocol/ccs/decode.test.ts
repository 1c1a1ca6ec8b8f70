import fc from 'fast-check';
import { decodeFrame } from '../../../../relay/protocol/ccs/decode.ts';
import type { InboundFrame, MessageStanza } from '../../../../relay/protocol/ccs/frame.ts';
import { casesIn } from '../cases.ts';

interface FrameCase {
  readonly name: string;
  readonly stanza: MessageStanza;
  readonly frame: InboundFrame;
}

describe.each(['ack', 'nack', 'control', 'upstream', 'receipt', 'stanza-error'])('%s', (kind) => {
  test.each(casesIn<FrameCase>(`inbound/${kind}`))('$name', ({ stanza, frame }) => {
    expect(decodeFrame(stanza)).toStrictEqual(frame); // what is absent is not there as undefined
  });
});

describe('what cannot be read is unknown, and says why', () => {
  test.each(casesIn<FrameCase>('malformed/inbound'))('$name', ({ stanza, frame }) => {
    expect(decodeFrame(stanza)).toEqual(frame);
  });
});

describe('data that JSON.stringify could not write goes on as text', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const upstream = (data: string) => `{"message_id":"u-1","from":"T","data":${data}}`;

  test('upstream', () => {
    const json = upstream(nested(100_000));
    expect(decodeFrame({ json })).toEqual({ kind: 'upstream', messageId: 'u-1', from: 'T', data: json });
  });

  test('a receipt', () => {
    const json = `{"message_type":"receipt","message_id":"dr2:a","from":"T","data":{"x":${nested(100_000)}}}`;
    expect(decodeFrame({ json })).toMatchObject({ kind: 'receipt', originalMessageId: 'a', data: json });
  });

  test('data that is merely long stays as it is', () => {
    const data = { list: Array.from({ length: 1_000 }, (_, i) => ({ i, text: 'x', none: null })) };
    expect(decodeFrame({ json: upstream(JSON.stringify(data)) })).toMatchObject({ data });
  });

  test('up to 1000 levels around a value are data, 1001 are text', () => {
    const dataOf = (json: string) => {
      const frame = decodeFrame({ json });
      return frame.kind === 'upstream' && typeof frame.data;
    };
    expect([dataOf(upstream(nested(1_001))), dataOf(upstream(nested(1_002)))]).toEqual(['object', 'string']);
  });
});

describe('numbers', () => {
  test.each(['{"id":1234567890123456789}', '{"a":[1.10,{"b":-0}],"c":1e999}'])(
    'of upstream data go on as they came: %s',
    (data) => {
      const frame = decodeFrame({ json: `{"message_id":"u-1","from":"T","data":${data}}` });
      expect(JSON.stringify(frame.kind === 'upstream' && frame.data)).toBe(data);
    },
  );

  test.each(['1.50', '9007199254740993', '1e999', '5', '-0'])(
    'as ids are their text, so that the message can be acked: %s',
    (id) => {
      expect(decodeFrame({ json: `{"message_id":${id},"from":"T"}` })).toMatchObject({
        kind: 'upstream',
        messageId: id,
      });
    },
  );

  test('in deep data are no level of their own', () => {
    const json = `{"message_id":"u-1","from":"T","data":${'['.repeat(1_000)}1.10${']'.repeat(1_000)}}`;
    expect(decodeFrame({ json })).toMatchObject({ data: expect.any(Array) });
  });
});

describe('properties', () => {
  const keys = fc.constantFrom(
    'message_type',
    'message_id',
    'from',
    'category',
    'data',
    'error',
    'error_description',
    'registration_id',
    'control_type',
    '__proto__',
  );
  const types = fc.constantFrom('ack', 'nack', 'control', 'receipt', 'error', null, 'x');
  const payload = fc
    .dictionary(fc.oneof(keys, fc.string()), fc.oneof(types, fc.jsonValue()))
    .map((value) => JSON.stringify(value));
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const stanza = fc.record(
    {
      id: fc.string(),
      type: fc.constantFrom('error', 'normal', ''),
      json: fc.oneof(payload, fc.json(), fc.string({ unit: 'binary' })),
      error: fc.record({ code: fc.string(), condition: fc.string(), text: fc.string() }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<MessageStanza>;

  test('no stanza makes it throw, and every frame can be written again', () => {
    fc.assert(
      fc.property(stanza, (any) => {
        const frame = decodeFrame(any);
        expect(() => JSON.stringify(frame)).not.toThrow();
        if ('messageId' in frame) expect(frame.messageId).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });

  test('whatever else a message says, its type decides', () => {
    const others = fc.dictionary(keys, fc.jsonValue());
    fc.assert(
      fc.property(others, fc.string({ minLength: 1 }), (fields, id) => {
        const decode = (message_type: string) =>
          decodeFrame({ json: JSON.stringify({ ...fields, message_id: id, message_type }) }).kind;
        expect([decode('ack'), decode('nack'), decode('control'), decode('other')]).toEqual([
          'ack',
          'nack',
          'control',
          'unknown',
        ]);
      }),
    );
  });

  test('an upstream message is upstream with any data and any category', () => {
    fc.assert(
      fc.property(optional(fc.jsonValue()), optional(fc.jsonValue()), (data, category) => {
        const json = JSON.stringify({ message_id: 'u-1', from: 'T', data, category });
        const { data: expected } = JSON.parse(json) as { data: unknown };
        expect(decodeFrame({ json })).toMatchObject({ kind: 'upstream', messageId: 'u-1', from: 'T' });
        // null is absent, and absent is {}
        expect(JSON.stringify(decodeFrame({ json }))).toContain(`"data":${JSON.stringify(expected ?? {})}`);
      }),
    );
  });
});
