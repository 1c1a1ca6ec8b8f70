/** Path → methods. Each method needs a right. */
export const ROUTES = {
  '/v1/messages': ['POST'],
  '/v1/messages/{message_id}': ['GET', 'DELETE'],
} as const;
export type Route = keyof typeof ROUTES;

export type Routed =
  | { readonly route: '/v1/messages'; readonly query: URLSearchParams }
  | { readonly route: '/v1/messages/{message_id}'; readonly messageId: string; readonly query: URLSearchParams };

// Firebase Hosting passes the full path to the function it rewrites to.
const PATH = /^(?:\/api)?\/v1\/messages(?:\/([^/]+))?$/;

/**
 * `undefined` for an unknown path. A message id is percent-decoded after the path is split, so it may contain anything
 * but "/".
 */
export function routeOf(url: string): Routed | undefined {
  const [path = '', ...rest] = url.split('?');
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const query = new URLSearchParams(rest.join('?'));
  const segment = match[1];
  if (segment === undefined) return { route: '/v1/messages', query };
  const messageId = decoded(segment);
  return messageId === undefined ? undefined : { route: '/v1/messages/{message_id}', messageId, query };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
