/**
 * SASL PLAIN (RFC 4616): base64 of `authzid NUL authcid NUL password`. The authcid is `SENDER_ID@domain` or, from
 * clients that send what stands before the @ of their address, `SENDER_ID` alone; an authzid says nothing here
 * (protocol §1).
 */
export type PlainResponse =
  | { readonly kind: 'credentials'; readonly senderId: string; readonly domain: string; readonly password: string }
  | { readonly kind: 'refused'; readonly condition: 'malformed-request' | 'not-authorized'; readonly reason: string };

const DOMAINS = ['fcm.googleapis.com', 'gcm.googleapis.com'] as const;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const FORM = 'authzid NUL authcid NUL password';

const malformed = (reason: string): PlainResponse => ({ kind: 'refused', condition: 'malformed-request', reason });
const knownDomain = (domain: string | undefined): string | undefined =>
  DOMAINS.find((one) => one === domain?.toLowerCase());

/** `streamDomain`, the `to` of the client's header, is the domain of a bare sender id where it is one of FCM's. */
export function readPlain(response: string, streamDomain: string | undefined): PlainResponse {
  if (response === '') return malformed(`PLAIN without an initial response: base64 of ${FORM} is wanted in <auth>`);
  if (!BASE64.test(response)) return malformed('the PLAIN response is not base64');
  const parts = Buffer.from(response, 'base64').toString('utf8').split('\0');
  if (parts.length !== 3) return malformed(`the PLAIN response has ${parts.length} parts: ${FORM} is wanted`);
  const [, authcid = '', password = ''] = parts;
  if (authcid === '') return malformed('the PLAIN response has no authcid');
  if (password === '') return malformed('the PLAIN response has no password');
  const at = authcid.lastIndexOf('@');
  if (at < 0)
    return { kind: 'credentials', senderId: authcid, domain: knownDomain(streamDomain) ?? DOMAINS[0], password };
  const domain = knownDomain(authcid.slice(at + 1));
  if (domain !== undefined) return { kind: 'credentials', senderId: authcid.slice(0, at), domain, password };
  return {
    kind: 'refused',
    condition: 'not-authorized',
    reason: `the domain of the authcid is none of ${DOMAINS.join(', ')}`,
  };
}
