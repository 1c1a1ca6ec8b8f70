import type { CcsConnection, CcsEndpoint, ConnectionListener, ConnectionOptions } from './ccs-connection.ts';
import { Session } from './session.ts';

/**
 * Opens one connection to CCS (protocol §1) and supervises it until it ends; it never connects again by itself.
 * Throws a TypeError when the URL is unusable. Everything else is reported to the listener.
 */
export const connectCcs = (
  endpoint: CcsEndpoint,
  listener: ConnectionListener,
  options: ConnectionOptions,
): CcsConnection => new Session(endpoint, listener, options);
