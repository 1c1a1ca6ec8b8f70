import type { LinkReport } from '../../model/link.ts';
import type { InboundFrame } from '../../protocol/ccs/frame.ts';
import { reportOfNack, reportOfStanzaError } from './verdicts.ts';

/**
 * What a frame of CCS's means to the relay. @param length of the JSON that it was decoded from, in UTF-16 code units
 */
export function reportOf(frame: InboundFrame, length: number): LinkReport {
  switch (frame.kind) {
    case 'ack': {
      const { messageId, canonicalToken } = frame;
      return canonicalToken === undefined
        ? { kind: 'accepted', messageId }
        : { kind: 'accepted', messageId, canonicalToken };
    }
    case 'nack':
      return reportOfNack(frame);
    case 'stanzaError':
      return reportOfStanzaError(frame);
    case 'upstream':
    case 'receipt':
      return { ...frame, length };
    case 'control':
      return frame.controlType === 'CONNECTION_DRAINING'
        ? { kind: 'draining' }
        : { kind: 'unrecognized', reason: 'a control_type that protocol §7 does not name' };
    case 'unknown':
      return { kind: 'unrecognized', reason: frame.reason };
    default:
      return frame satisfies never;
  }
}
