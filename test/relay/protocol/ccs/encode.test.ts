import { encodeDownstream, encodeUpstreamAck } from '../../../../relay/protocol/ccs/encode.ts';
import type { DownstreamMessage } from '../../../../relay/protocol/legacy/message.ts';
import { casesIn } from '../cases.ts';

interface DownstreamCase {
  readonly name: string;
  readonly message: DownstreamMessage;
  readonly timeToLiveSeconds: number;
  readonly json: string;
}

test.each(casesIn<DownstreamCase>('outbound/downstream'))(
  'downstream: $name',
  ({ message, timeToLiveSeconds, json }) => {
    expect(encodeDownstream(message, timeToLiveSeconds)).toBe(json);
  },
);

test.each(casesIn<{ name: string; to: string; messageId: string; json: string }>('outbound/upstream-ack'))(
  'upstream ack: $name',
  ({ to, messageId, json }) => {
    expect(encodeUpstreamAck(to, messageId)).toBe(json);
  },
);
