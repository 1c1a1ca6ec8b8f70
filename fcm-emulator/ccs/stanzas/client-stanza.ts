import { child, NS, type Element } from '../xml/element.ts';

/** The parts of an iq that its answer repeats. */
export interface IqRequest {
  readonly id: string;
  readonly to: string | undefined;
}

/** What a client may send inside its stream, as far as CCS distinguishes it. */
export type ClientStanza =
  | { readonly kind: 'auth'; readonly mechanism: string; readonly response: string }
  | ({ readonly kind: 'bind'; readonly resource: string | undefined } & IqRequest)
  | ({ readonly kind: 'session' | 'ping' | 'otherIq' } & IqRequest)
  | { readonly kind: 'message'; readonly id: string | undefined; readonly payload: string | undefined }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unsupported'; readonly reason: string };

function iq(element: Element): ClientStanza {
  const head = { id: element.attributes['id'] ?? '', to: element.attributes['to'] };
  const type = element.attributes['type'];
  if (type !== 'set' && type !== 'get') return { kind: 'ignored' };
  const bind = child(element, 'bind', NS.bind);
  if (bind !== undefined) return { kind: 'bind', ...head, resource: child(bind, 'resource', NS.bind)?.text };
  if (child(element, 'session', NS.session) !== undefined) return { kind: 'session', ...head };
  if (child(element, 'ping', NS.ping) !== undefined) return { kind: 'ping', ...head };
  return { kind: 'otherIq', ...head };
}

const unsupported = ({ name, namespace }: Element): ClientStanza => ({
  kind: 'unsupported',
  reason: `<${name}> in ${namespace === '' ? 'no namespace' : namespace}`,
});

export function readStanza(element: Element): ClientStanza {
  if (element.namespace === NS.sasl) {
    return element.local === 'auth'
      ? { kind: 'auth', mechanism: element.attributes['mechanism'] ?? '', response: element.text.trim() }
      : unsupported(element);
  }
  if (element.namespace !== NS.client) return unsupported(element);
  switch (element.local) {
    case 'message':
      return { kind: 'message', id: element.attributes['id'], payload: child(element, 'gcm', NS.gcm)?.text };
    case 'iq':
      return iq(element);
    case 'presence':
      return { kind: 'ignored' };
    default:
      return unsupported(element);
  }
}
