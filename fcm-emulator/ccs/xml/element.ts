/** A parsed XML element. Text and children are kept apart: no stanza of this protocol has meaningful mixed content. */
export interface Element {
  readonly name: string;
  readonly local: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly elements: Element[];
  text: string;
}

export const NS = {
  stream: 'http://etherx.jabber.org/streams',
  streamErrors: 'urn:ietf:params:xml:ns:xmpp-streams',
  stanzaErrors: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  client: 'jabber:client',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
  session: 'urn:ietf:params:xml:ns:xmpp-session',
  ping: 'urn:xmpp:ping',
  gcm: 'google:mobile:data',
} as const;

/** The first child with this name and namespace, whatever its prefix (protocol §2). */
export function child(element: Element, local: string, namespace: string): Element | undefined {
  for (const one of element.elements) if (one.local === local && one.namespace === namespace) return one;
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For text content. Quotes stay as they are, as in every captured frame. */
export const escapeText = (text: string): string =>
  /[&<>]/.test(text) ? text.replace(/[&<>]/g, (char) => ESCAPES[char] ?? char) : text;

export const escapeAttribute = (text: string): string =>
  /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char) : text;
