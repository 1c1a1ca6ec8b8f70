/**
 * SASL PLAIN (RFC 4616): base64 of `authzid NUL authcid NUL password`. The authcid is `SENDER_ID@domain`, or
 * `SENDER_ID` alone from clients that send only the local part of their address. The authzid is ignored (protocol §1).
 */
export type Auth =
  | { readonly kind: 'credentials'; readonly senderId: string; readonly domain: string; readonly password: string }
  | {
      readonly kind: 'refused';
      readonly condition: 'invalid-mechanism' | 'malformed-request' | 'not-authorized';
      readonly reason: string;
    };

const DOMAINS = ['fcm.googleapis.com', 'gcm.googleapis.com'] as const;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const FORM = 'authzid NUL authcid NUL password';

const malformed = (reason: string): Auth => ({ kind: 'refused', condition: 'malformed-request', reason });
const knownDomain = (domain: string | undefined): string | undefined =>
  DOMAINS.find((one) => one === domain?.toLowerCase());

/** `streamDomain`: the `to` of the client's header; if it is FCM's, it is the domain of a bare sender id. */
export function readAuth(
  { mechanism, response }: { readonly mechanism: string; readonly response: string },
  streamDomain: string | undefined,
): Auth {
  if (mechanism === 'PLAIN') return readPlain(response, streamDomain);
  return {
    kind: 'refused',
    condition: 'invalid-mechanism',
    reason: `mechanism ${mechanism} is not supported, only PLAIN is`,
  };
}

function readPlain(response: string, streamDomain: string | undefined): Auth {
  if (response === '') return malformed(`PLAIN without an initial response: <auth> must hold base64 of ${FORM}`);
  if (!BASE64.test(response)) return malformed('the PLAIN response is not base64');
  const parts = Buffer.from(response, 'base64').toString('utf8').split('\0');
  if (parts.length !== 3) return malformed(`the PLAIN response has ${parts.length} parts, not ${FORM}`);
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
