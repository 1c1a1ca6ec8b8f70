import type { Element } from '@xmpp/client';
import type { MessageStanza } from '../../protocol/ccs/frame.ts';
import { escapeAttribute, escapeJsonText } from './xml-text.ts';

const NS_GCM = 'google:mobile:data';
const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** A `<message>` taken out of its XML (protocol §2): `gcm` by its namespace, whatever its prefix. */
export function messageStanza(message: Element): MessageStanza {
  const { id, type } = message.attrs;
  const json = message.getChild('gcm', NS_GCM)?.getText();
  const error = type === 'error' ? message.getChild('error') : undefined;
  const stanza: Writable<MessageStanza> = {};
  if (id !== undefined) stanza.id = id;
  if (type !== undefined) stanza.type = type;
  if (json !== undefined) stanza.json = json;
  if (error !== undefined) stanza.error = stanzaError(error);
  return stanza;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** RFC 6120 §8.3.2: the condition is the first element of the stanzas' namespace that is not `text`. */
function stanzaError(error: Element): NonNullable<MessageStanza['error']> {
  const { code } = error.attrs;
  const condition = error
    .getChildElements()
    .find((child) => child.getNS() === NS_STANZAS && child.getName() !== 'text');
  const text = error.getChild('text', NS_STANZAS)?.getText();
  return {
    ...(code !== undefined && { code }),
    ...(condition !== undefined && { condition: condition.getName() }),
    ...(text !== undefined && { text }),
  };
}

/**
 * A downstream message or an upstream ack on the wire (protocol §2). Text, not elements: this is the path that must be
 * quick.
 */
export const messageText = (stanzaId: string, json: string): string =>
  `<message id="${escapeAttribute(stanzaId)}"><gcm xmlns="${NS_GCM}">${escapeJsonText(json)}</gcm></message>`;
