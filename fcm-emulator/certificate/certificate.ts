import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bitString, boolean, integer, octetString, oid, pem, sequence, set, tagged, time, utf8 } from './der.ts';

/** A throw-away CA and a server certificate it signed (ECDSA P-256, X.509 v3). The CA's key is discarded. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const OID = {
  ecPublicKeySha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
  subjectAltName: '2.5.29.17',
} as const;

const NAMES = ['localhost', 'fcm-xmpp.googleapis.com', 'fcm.googleapis.com', 'gcm.googleapis.com'];
const ADDRESSES = [Buffer.of(127, 0, 0, 1), Buffer.concat([Buffer.alloc(15), Buffer.of(1)])];
const HOUR_MS = 3_600_000;
const VALID_DAYS = 365;

const ALGORITHM = sequence(oid(OID.ecPublicKeySha256));
const name = (text: string): Buffer => sequence(set(sequence(oid(OID.commonName), utf8(text))));
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
const keyId = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

interface Request {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate({ subject, issuer, publicKey, signingKey, extensions }: Request, now: number): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, without a leading zero
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))), // v3
    integer(serial),
    ALGORITHM,
    name(issuer),
    sequence(time(new Date(now - HOUR_MS)), time(new Date(now + VALID_DAYS * 24 * HOUR_MS))),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  return pem('CERTIFICATE', sequence(body, ALGORITHM, bitString(sign('sha256', body, signingKey))));
}

/** The names and addresses that clients may use for the emulator, and `host` if it is another IPv4 address or name. */
function alternativeNames(host: string): Buffer {
  const known = host === '127.0.0.1' || host === '::1' || host === '::' || NAMES.includes(host);
  const extra = known
    ? []
    : isIPv4(host)
      ? [tagged(0x87, Buffer.from(host.split('.').map(Number)))]
      : [tagged(0x82, Buffer.from(host))];
  return sequence(
    ...NAMES.map((one) => tagged(0x82, Buffer.from(one))),
    ...ADDRESSES.map((one) => tagged(0x87, one)),
    ...extra,
  );
}

export function makeCertificates(host: string, now: number): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = `CCS emulator CA ${randomBytes(4).toString('hex')}`;
  const authorityId = extension(OID.authorityKeyId, false, sequence(tagged(0x80, keyId(authority.publicKey))));
  const ca = certificate(
    {
      subject: issuer,
      issuer,
      publicKey: authority.publicKey,
      signingKey: authority.privateKey,
      extensions: [
        extension(OID.basicConstraints, true, sequence(boolean(true))),
        extension(OID.keyUsage, true, bitString(Buffer.of(0x06), 1)), // keyCertSign, cRLSign
        extension(OID.subjectKeyId, false, octetString(keyId(authority.publicKey))),
        authorityId,
      ],
    },
    now,
  );
  const leaf = certificate(
    {
      subject: 'CCS emulator',
      issuer,
      publicKey: server.publicKey,
      signingKey: authority.privateKey,
      extensions: [
        extension(OID.basicConstraints, true, sequence()),
        extension(OID.keyUsage, true, bitString(Buffer.of(0x80), 7)), // digitalSignature
        extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
        extension(OID.subjectKeyId, false, octetString(keyId(server.publicKey))),
        authorityId,
        extension(OID.subjectAltName, false, alternativeNames(host)),
      ],
    },
    now,
  );
  return { ca, certificate: leaf, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
