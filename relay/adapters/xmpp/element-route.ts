import type { Element } from '@xmpp/client';

/**
 * Who handles an element of the stream's first level. @xmpp/client sees only what it needs to log in and to answer iq:
 * it would follow `see-other-host`, enable what it finds among the features, and spend ten middlewares on each message.
 */
export type Route = 'message' | 'iq' | 'features' | 'saslStep' | 'saslFailure' | 'streamError' | 'ignored' | 'foreign';

/** What may only come before the binding. */
export const DURING_NEGOTIATION: ReadonlySet<Route> = new Set(['features', 'saslStep', 'saslFailure']);

const NS_CLIENT = 'jabber:client';
const NS_STREAM = 'http://etherx.jabber.org/streams';
export const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
export const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind';

const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  [NS_CLIENT]: { message: 'message', iq: 'iq', presence: 'ignored' },
  [NS_STREAM]: { features: 'features', error: 'streamError' },
  [NS_SASL]: { challenge: 'saslStep', success: 'saslStep', failure: 'saslFailure' },
};

export function routeOf(element: Element): Route {
  const names = ROUTES[element.getNS() ?? ''];
  const name = element.getName();
  return names !== undefined && Object.hasOwn(names, name) ? (names[name] ?? 'foreign') : 'foreign';
}
