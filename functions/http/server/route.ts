/** The three calls of the contract: path → what may be done there. Each method needs a right. */
export const ROUTES = {
  '/v1/messages': ['POST'],
  '/v1/messages/{message_id}': ['GET', 'DELETE'],
} as const;
export type Route = keyof typeof ROUTES;

export type Routed =
  | { readonly route: '/v1/messages'; readonly query: URLSearchParams }
  | { readonly route: '/v1/messages/{message_id}'; readonly messageId: string; readonly query: URLSearchParams };

// Firebase Hosting passes the whole path to the function that it rewrites to.
const PATH = /^(?:\/api)?\/v1\/messages(?:\/([^/]+))?$/;

/**
 * `undefined` when nothing is there. A message id is percent-decoded after the path is split: it may hold anything but
 * "/".
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
