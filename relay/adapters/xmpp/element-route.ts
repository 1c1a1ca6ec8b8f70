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

const ROUTES: ReadonlyMap<string, Route> = new Map([
  [`${NS_CLIENT} message`, 'message'],
  [`${NS_CLIENT} iq`, 'iq'],
  [`${NS_CLIENT} presence`, 'ignored'],
  [`${NS_STREAM} features`, 'features'],
  [`${NS_STREAM} error`, 'streamError'],
  [`${NS_SASL} challenge`, 'saslStep'],
  [`${NS_SASL} success`, 'saslStep'],
  [`${NS_SASL} failure`, 'saslFailure'],
]);

export const routeOf = (element: Element): Route => ROUTES.get(`${element.getNS() ?? ''} ${element.getName()}`) ?? 'foreign';
