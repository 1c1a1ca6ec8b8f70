import { once } from 'node:events';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/** Everything that listens, in one block: `--port-base 8100` puts the API on 8100, Firestore on 8101, and so on. */
const PORTS = [
  'api',
  'firestore',
  'pubsub',
  'auth',
  'worker',
  'ccs',
  'ccsControl',
  'hub',
  'logging',
  'firestoreWebsocket',
  'authHub',
  'authLogging',
] as const;
export type PortName = (typeof PORTS)[number];
export type Ports = Readonly<Record<PortName, number>>;

export const HOST = '127.0.0.1';

/** The ports were asked for by name: the user ends the other program, or chooses another base. */
export class PortsTakenError extends Error {
  readonly code = 'PORTS_TAKEN';
}

const MAX_BASE = 65_535 - PORTS.length;
// Below the ephemeral ports of Linux and macOS: there an outgoing connection may take a port at any moment.
const RANDOM_BASES = [20_000, 32_000] as const;

/**
 * With a base: exactly that block. Without: a free block, `preferred` if possible, so that URLs stay the same from day
 * to day. @throws PortsTakenError that names each port in use, RangeError on a bad base
 */
export async function choosePorts(base: number | undefined, preferred?: number): Promise<Ports> {
  if (base !== undefined) return explicit(base);
  for (let candidate = preferred ?? randomBase(); ; candidate = randomBase()) {
    const ports = block(candidate);
    if ((await taken(ports)).length === 0) return ports;
  }
}

async function explicit(base: number): Promise<Ports> {
  if (!Number.isInteger(base) || base < 1024 || base > MAX_BASE) {
    throw new RangeError(`--port-base must be a whole number from 1024 to ${MAX_BASE}`);
  }
  const ports = block(base);
  const busy = await taken(ports);
  if (busy.length > 0) {
    const list = busy.map((name) => `${ports[name]} (${name})`).join(', ');
    throw new PortsTakenError(
      `already in use on ${HOST}: port ${list}; --port-base ${base} needs ${base} to ${base + PORTS.length - 1}`,
    );
  }
  return ports;
}

const block = (base: number): Ports => Object.fromEntries(PORTS.map((name, offset) => [name, base + offset])) as Ports;

// multiples of 20, so that two runs rarely overlap
const randomBase = (): number => randomInt(RANDOM_BASES[0] / 20, RANDOM_BASES[1] / 20) * 20;

async function taken(ports: Ports): Promise<PortName[]> {
  const free = await Promise.all(PORTS.map((name) => isFree(ports[name])));
  return PORTS.filter((_, index) => free[index] === false);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
