/** SASL PLAIN (RFC 4616): base64 of `authzid NUL authcid NUL password`; authcid is `SENDER_ID@domain` (protocol §1). */
export type PlainResponse =
  | { readonly kind: 'credentials'; readonly senderId: string; readonly domain: string; readonly password: string }
  | { readonly kind: 'malformed' };

const DOMAINS = new Set(['fcm.googleapis.com', 'gcm.googleapis.com']);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function readPlain(response: string): PlainResponse {
  if (!BASE64.test(response)) return { kind: 'malformed' };
  const parts = Buffer.from(response, 'base64').toString('utf8').split('\0');
  const [, authcid = '', password = ''] = parts;
  const at = authcid.lastIndexOf('@');
  if (parts.length !== 3 || authcid === '' || password === '') return { kind: 'malformed' };
  return { kind: 'credentials', senderId: at < 0 ? authcid : authcid.slice(0, at), domain: at < 0 ? '' : authcid.slice(at + 1), password };
}

export const isCcsDomain = (domain: string): boolean => DOMAINS.has(domain);
