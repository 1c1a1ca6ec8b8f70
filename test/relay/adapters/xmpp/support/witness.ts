import type { InboundFrame, MessageStanza } from '../../../../../relay/protocol/ccs/frame.ts';
import { connectCcs } from '../../../../../relay/adapters/xmpp/connect-ccs.ts';
import type {
  CcsConnection,
  CcsEndpoint,
  ConnectionListener,
  ConnectionOptions,
} from '../../../../../relay/adapters/xmpp/ccs-connection.ts';
import type { CloseReason } from '../../../../../relay/adapters/xmpp/close-reason.ts';
import { ca } from './scripted-server.ts';

export const SERVER_KEY = 'server-key-AAAA_secret';

export interface Witness {
  readonly connection: CcsConnection;
  /** Every call of the listener, in order. */
  readonly calls: string[];
  /** The stanzas that were handed to the decoder. */
  readonly stanzas: MessageStanza[];
  readonly opened: Promise<void>;
  readonly closed: Promise<CloseReason>;
  /** Resolves when so many stanzas have come. */
  readonly stanzasReach: (count: number) => Promise<void>;
}

export interface WitnessOptions extends Partial<Omit<ConnectionOptions, 'decode'>>, Partial<CcsEndpoint> {
  /** Done from within each frame. */
  readonly onFrame?: (connection: CcsConnection) => void;
}

/** A connection of ours whose listener writes down everything that it hears. */
export function connectWitness(url: string, options: WitnessOptions = {}): Witness {
  const calls: string[] = [];
  const stanzas: MessageStanza[] = [];
  const opened = Promise.withResolvers<undefined>();
  const closed = Promise.withResolvers<CloseReason>();
  const waiting: { count: number; resolve: () => void }[] = [];
  const decode = (stanza: MessageStanza): InboundFrame => {
    stanzas.push(stanza);
    return { kind: 'unknown', reason: String(stanzas.length) };
  };
  const listener: ConnectionListener = {
    onOpen: () => {
      calls.push('open');
      opened.resolve(undefined);
    },
    onFrame: () => {
      calls.push('frame');
      onFrame?.(connection);
      for (const waiter of waiting) if (waiter.count <= stanzas.length) waiter.resolve();
    },
    onHeard: () => void calls.push('heard'),
    onClosed: (reason) => {
      calls.push(`closed ${reason.kind}`);
      closed.resolve(reason);
    },
  };
  const {
    domain = 'fcm.googleapis.com',
    senderId = '1234567890',
    serverKey = SERVER_KEY,
    ca: trusted = ca,
    onFrame,
    ...rest
  } = options;
  const connection = connectCcs({ url, domain, senderId, serverKey, ca: trusted }, listener, { decode, ...rest });
  return {
    connection,
    calls,
    stanzas,
    opened: opened.promise,
    closed: closed.promise,
    stanzasReach: (count) =>
      new Promise((resolve) => {
        if (stanzas.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}
