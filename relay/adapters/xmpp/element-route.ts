import type { Element } from '@xmpp/client';

/**
 * What handles a first-level element of the stream. @xmpp/client sees only what it needs to log in and to answer iq: it
 * would follow `see-other-host`, enable any feature it finds, and run ten middlewares on each message.
 */
export type Route = 'message' | 'iq' | 'features' | 'saslStep' | 'saslFailure' | 'streamError' | 'ignored' | 'foreign';

/** Allowed only before the binding. */
export const DURING_NEGOTIATION: ReadonlySet<Route> = new Set(['features', 'saslStep', 'saslFailure']);

const NS_CLIENT = 'jabber:client';
const NS_STREAM = 'http://etherx.jabber.org/streams';
export const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
export const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind';

/** No two namespaces share a name. */
const ROUTES: ReadonlyMap<string, readonly [namespace: string, route: Route]> = new Map([
  ['message', [NS_CLIENT, 'message']],
  ['iq', [NS_CLIENT, 'iq']],
  ['presence', [NS_CLIENT, 'ignored']],
  ['features', [NS_STREAM, 'features']],
  ['error', [NS_STREAM, 'streamError']],
  ['challenge', [NS_SASL, 'saslStep']],
  ['success', [NS_SASL, 'saslStep']],
  ['failure', [NS_SASL, 'saslFailure']],
]);

export function routeOf(element: Element): Route {
  const [namespace, route] = ROUTES.get(element.getName()) ?? [];
  return route !== undefined && element.getNS() === namespace ? route : 'foreign';
}
