import { child, NS, type Element } from './element.ts';

/** Everything that a client may send inside its stream, as far as CCS tells it apart. */
export type ClientStanza =
  | { readonly kind: 'auth'; readonly mechanism: string; readonly response: string }
  | { readonly kind: 'bind'; readonly id: string; readonly resource: string | undefined }
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'ping'; readonly id: string }
  | { readonly kind: 'iqRequest'; readonly id: string }
  | { readonly kind: 'message'; readonly id: string | undefined; readonly payload: string | undefined }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unsupported' };

function iq(element: Element): ClientStanza {
  const id = element.attributes['id'] ?? '';
  const type = element.attributes['type'];
  if (type !== 'set' && type !== 'get') return { kind: 'ignored' };
  const bind = child(element, 'bind', NS.bind);
  if (bind !== undefined) return { kind: 'bind', id, resource: child(bind, 'resource', NS.bind)?.text };
  if (child(element, 'session', NS.session) !== undefined) return { kind: 'session', id };
  if (child(element, 'ping', NS.ping) !== undefined) return { kind: 'ping', id };
  return { kind: 'iqRequest', id };
}

export function readStanza(element: Element): ClientStanza {
  if (element.namespace === NS.sasl) {
    return element.local === 'auth'
      ? { kind: 'auth', mechanism: element.attributes['mechanism'] ?? '', response: element.text.trim() }
      : { kind: 'unsupported' };
  }
  if (element.namespace !== NS.client) return { kind: 'unsupported' };
  switch (element.local) {
    case 'message': return { kind: 'message', id: element.attributes['id'], payload: child(element, 'gcm', NS.gcm)?.text };
    case 'iq': return iq(element);
    case 'presence': return { kind: 'ignored' };
    default: return { kind: 'unsupported' };
  }
}
