import type { IncomingHttpHeaders } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';

/** The answer to a call that is rejected by its head alone. */
export interface Rejection {
  readonly status: 400 | 403 | 415 | 421;
  readonly error: string;
}

/** A call, before its body is read. */
export interface Head {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);
const HTTP_PORT = 80; // omitted from a Host header
const SAME_SITE = new Set(['none', 'same-origin']);
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;
const SHOWN_LENGTH = 100;

const bracketed = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
const shown = (text: string): string => JSON.stringify(text.slice(0, SHOWN_LENGTH));

function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .map(({ address }) => bracketed(address));
  return [hostname(), ...addresses];
}

/**
 * The Host headers that are answered. A page can point its own name at our address (DNS rebinding) and then counts as
 * our site; only the Host header gives it away. `names`: further host names, with a port (behind a port mapping) or
 * without.
 */
export function allowedHosts(
  listening: { readonly host: string; readonly port: number },
  names: readonly string[],
): ReadonlySet<string> {
  const { host, port } = listening;
  const all = [...LOOPBACK, bracketed(host), ...(ANY_ADDRESS.has(host) ? ownNames() : []), ...names].map((name) =>
    name.toLowerCase(),
  );
  const withPort = all.map((name) => (/:\d+$/.test(name) ? name : `${name}:${port}`));
  return new Set(port === HTTP_PORT ? [...all, ...withPort] : withPort);
}

function hasBody({ headers }: Head): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Why a call is rejected; undefined: it is served. The control API has no authentication and often listens where
 * browsers run. So every call from a web page is rejected, whatever its site, and every body that an HTML form could
 * have sent.
 */
export function rejectionOf(head: Head, hosts: ReadonlySet<string>): Rejection | undefined {
  const { target, headers } = head;
  const { host = '', origin, 'content-type': type = '' } = headers;
  const site = headers['sec-fetch-site'];
  if (!target.startsWith('/')) return { status: 400, error: `expected a path, not ${shown(target)}` };
  if (!hosts.has(host.toLowerCase())) {
    return {
      status: 421,
      error: `Host ${shown(host)} is none of ${[...hosts].join(', ')}; --control-name NAME adds one`,
    };
  }
  if (origin !== undefined) return { status: 403, error: `calls from web pages are refused (Origin ${shown(origin)})` };
  if (site !== undefined && !SAME_SITE.has(site)) {
    return { status: 403, error: `calls from web pages are refused (Sec-Fetch-Site ${shown(site)})` };
  }
  if (hasBody(head) && !JSON_TYPE.test(type)) {
    return { status: 415, error: `a body needs content-type: application/json, not ${shown(type)}` };
  }
  return undefined;
}
