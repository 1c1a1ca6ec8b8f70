import type { Element } from '@xmpp/client';
import { DEFAULT_LIMITS } from '../../../../../relay/adapters/xmpp/stream-limits.ts';
import type { StreamLimits } from '../../../../../relay/adapters/xmpp/stream-limits.ts';
import { StreamParser } from '../../../../../relay/adapters/xmpp/stream-parser.ts';
import { StreamViolation } from '../../../../../relay/adapters/xmpp/stream-violation.ts';
import { Utf8Decoder } from '../../../../../relay/adapters/xmpp/utf8-decoder.ts';

export const HEADER =
  '<stream:stream version="1.0" xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:client">';

export interface ReadStream {
  readonly elements: Element[];
  ended: boolean;
  /** The condition that the peer is told, when what came is refused. */
  refused?: StreamViolation['condition'];
}

/**
 * A stream read without a socket: bytes → decoder → scanner → elements. `sizes` are the chunks' lengths, again and
 * again.
 */
export function readStream(
  input: string | Uint8Array,
  sizes: readonly number[] = [],
  limits: Partial<StreamLimits> = {},
): ReadStream {
  const result: ReadStream = { elements: [], ended: false };
  const parser = new StreamParser(
    {
      element: (element) => void result.elements.push(element),
      streamEnd: () => {
        result.ended = true;
      },
    },
    { ...DEFAULT_LIMITS, ...limits },
  );
  const decoder = new Utf8Decoder();
  try {
    for (const chunk of chunksOf(Buffer.from(input as string), sizes)) parser.write(decoder.decode(chunk));
  } catch (error) {
    if (!(error instanceof StreamViolation)) throw error;
    result.refused = error.condition;
  }
  return result;
}

/** Cuts bytes into pieces of these lengths, again and again; none means whole. */
export function* chunksOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? bytes.length);
    yield bytes.subarray(at, end);
    at = end;
  }
}
