import type { IncomingHttpHeaders } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';

/** A call that is refused before anything of it is looked at. */
export interface Refusal {
  readonly status: 400 | 403 | 415 | 421;
  readonly error: string;
}

/** What a call shows before its body is read. */
export interface Head {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const EVERYWHERE = new Set(['0.0.0.0', '::']);
const HTTP_PORT = 80; // the one that a Host header leaves out
const OWN_SITE = new Set(['none', 'same-origin']);
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
 * The Host headers that are answered. A page may give its own name our address (DNS rebinding) and then counts as our
 * site: the name is all that tells. `names` are further ones, with a port of their own (behind a port mapping) or
 * without.
 */
export function allowedHosts(
  listening: { readonly host: string; readonly port: number },
  names: readonly string[],
): ReadonlySet<string> {
  const { host, port } = listening;
  const all = [...LOOPBACK, bracketed(host), ...(EVERYWHERE.has(host) ? ownNames() : []), ...names].map((name) =>
    name.toLowerCase(),
  );
  const withPort = all.map((name) => (/:\d+$/.test(name) ? name : `${name}:${port}`));
  return new Set(port === HTTP_PORT ? [...all, ...withPort] : withPort);
}

function hasBody({ headers }: Head): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Why a call is not served. The remote control has no password and often listens where browsers run: whatever comes
 * from a page, of any site, is refused, and so is a body that a form could have sent.
 */
export function refusalOf(head: Head, hosts: ReadonlySet<string>): Refusal | undefined {
  const { target, headers } = head;
  const { host = '', origin, 'content-type': type = '' } = headers;
  const site = headers['sec-fetch-site'];
  if (!target.startsWith('/')) return { status: 400, error: `a path is wanted, not ${shown(target)}` };
  if (!hosts.has(host.toLowerCase())) {
    return {
      status: 421,
      error: `Host ${shown(host)} is none of ${[...hosts].join(', ')}; --control-name NAME adds one`,
    };
  }
  if (origin !== undefined) return { status: 403, error: `calls of web pages are refused (Origin ${shown(origin)})` };
  if (site !== undefined && !OWN_SITE.has(site)) {
    return { status: 403, error: `calls of web pages are refused (Sec-Fetch-Site ${shown(site)})` };
  }
  if (hasBody(head) && !JSON_TYPE.test(type)) {
    return { status: 415, error: `a body needs content-type: application/json, not ${shown(type)}` };
  }
  return undefined;
}
