export interface CcsAddress {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 5235; // protocol §1: production

/**
 * `xmpps://host[:port]`. Throws a TypeError that says what is wrong; a URL that carries credentials is not repeated.
 */
export function parseCcsUrl(url: string): CcsAddress {
  if (!URL.canParse(url)) throw new TypeError('the CCS URL cannot be read: xmpps://host:port is wanted');
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(url);
  if (protocol !== 'xmpps:')
    throw new TypeError(`the CCS URL begins with ${protocol}//: only xmpps:// will do, TLS from the first byte`);
  if (username !== '' || password !== '')
    throw new TypeError('the CCS URL holds a user or a password: the sender id and the key have their own places');
  if (hostname === '') throw new TypeError('the CCS URL names no host: xmpps://host:port is wanted');
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '')
    throw new TypeError('the CCS URL goes on after the port: xmpps://host:port is wanted');
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? DEFAULT_PORT : Number(port) };
}
