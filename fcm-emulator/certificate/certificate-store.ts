import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { makeCertificates } from './certificate.ts';

/** The server's certificate, and where clients find its CA. */
export interface StoredCertificates {
  readonly caPath: string;
  readonly certificate: string;
  readonly key: string;
}

const FILES = { ca: 'ca.pem', certificate: 'server.pem', key: 'server-key.pem' } as const;
const DAY_MS = 86_400_000;

export const defaultDirectory = (): string => join(tmpdir(), `fcm-emulator-${userInfo().uid}`, 'tls');

function load(directory: string, host: string, now: number): StoredCertificates | undefined {
  try {
    const [certificate, key] = [
      readFileSync(join(directory, FILES.certificate), 'utf8'),
      readFileSync(join(directory, FILES.key), 'utf8'),
    ];
    const caPath = join(directory, FILES.ca);
    const parsed = new X509Certificate(certificate);
    const fits =
      parsed.checkIP(host) !== undefined || parsed.checkHost(host) !== undefined || host === '0.0.0.0' || host === '::';
    const isSigned = parsed.verify(new X509Certificate(readFileSync(caPath)).publicKey);
    return fits && isSigned && parsed.validToDate.getTime() > now + DAY_MS ? { caPath, certificate, key } : undefined;
  } catch {
    return undefined; // missing or unreadable: create new ones
  }
}

/**
 * Created at the first start, then reused. Written aside and renamed: two processes starting at once share one pair.
 */
export function storedCertificates(directory: string, host: string, now: number): StoredCertificates {
  const kept = load(directory, host, now);
  if (kept !== undefined) return kept;
  const made = makeCertificates(host, now);
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  const fresh = mkdtempSync(`${directory}-`);
  for (const part of ['ca', 'certificate', 'key'] as const)
    writeFileSync(join(fresh, FILES[part]), made[part], { mode: 0o600 });
  try {
    renameSync(fresh, directory);
  } catch {
    const theirs = load(directory, host, now); // another process was faster
    if (theirs === undefined) {
      rmSync(directory, { recursive: true, force: true });
      renameSync(fresh, directory);
    } else {
      rmSync(fresh, { recursive: true, force: true });
      return theirs;
    }
  }
  return { caPath: join(directory, FILES.ca), certificate: made.certificate, key: made.key };
}
