import type { DownstreamMessage } from '../legacy/message.ts';

/**
 * The text inside `<gcm>`, before XML escaping (protocol §2). It may hold only what XML 1.0 can carry: JSON.stringify
 * escapes control characters and lone surrogates, which leaves U+FFFE and U+FFFF.
 */
const toWire = (payload: object): string => JSON.stringify(payload).replace(/[\uFFFE\uFFFF]/g, escaped);

const escaped = (character: string): string => (character === '\uFFFE' ? '\\ufffe' : '\\uffff');

/** @param timeToLiveSeconds what is left of the message's own, in whole seconds (protocol §3) */
export const encodeDownstream = (message: DownstreamMessage, timeToLiveSeconds: number): string =>
  toWire({ ...message, time_to_live: timeToLiveSeconds });

/** The answer to an upstream message or a receipt (protocol §6, table 6). */
export const encodeUpstreamAck = (to: string, messageId: string): string =>
  toWire({ to, message_id: messageId, message_type: 'ack' });
