import { Backend } from '../../../fcm-emulator/backend.ts';
import { Ccs } from '../../../fcm-emulator/ccs/ccs.ts';
import type { Session } from '../../../fcm-emulator/ccs/session/session.ts';
import { readOptions, type FcmEmulatorOptions } from '../../../fcm-emulator/options.ts';
import { FakeClock } from './fake-clock.ts';
import { frames, message, NAMESPACES, plain } from './wire-client.ts';

export const HEADER = `<stream:stream to="fcm.googleapis.com" version="1.0" ${NAMESPACES}>`;
export const BIND =
  '<iq id="b" type="set"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>test</resource></bind></iq>';
export const USER = '1234567890@fcm.googleapis.com';
export const KEY = 'server-key';

/** A client on an in-memory link: what it writes is handled at once, and the answer is there at once. */
export class MemoryClient {
  readonly session: Session;
  readonly #clock: FakeClock;
  #text = '';
  ended = false;
  reset = false;
  frozen = false;

  constructor(ccs: Ccs, clock: FakeClock) {
    this.#clock = clock;
    this.session = ccs.open({
      send: (text) => void (this.#text += text),
      end: () => void (this.ended = true),
      reset: () => void (this.reset = true),
      freeze: () => void (this.frozen = true),
    });
  }

  write(bytes: string | Buffer): string {
    this.session.receive(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    return this.take();
  }

  send(json: unknown, id = ''): string {
    return this.write(message(json, id));
  }

  /** Sends a message that is answered by exactly one frame, and returns that frame's JSON. */
  ask(json: unknown): Record<string, unknown> {
    const found = frames(this.send(json));
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} answers`);
    return found[0];
  }

  take(): string {
    this.#clock.settle();
    const text = this.#text;
    this.#text = '';
    return text;
  }

  login(): this {
    this.write(HEADER);
    this.write(plain(USER, KEY));
    this.write(HEADER);
    this.write(BIND);
    this.#clock.advance(0); // starts upstream
    return this;
  }
}

export interface MemoryServer {
  readonly backend: Backend;
  readonly ccs: Ccs;
  readonly clock: FakeClock;
  readonly connect: () => MemoryClient;
  readonly login: () => MemoryClient;
}

/** The server without sockets, on a clock that stands still. */
export function memoryServer(input: FcmEmulatorOptions = {}): MemoryServer {
  const { options, settings } = readOptions({ keepaliveMs: 0, upstreamDelayMs: 0, loginTimeoutMs: 0, ...input });
  const clock = new FakeClock();
  const backend = new Backend(options, settings, clock);
  const ccs = new Ccs(backend, options);
  const connect = (): MemoryClient => new MemoryClient(ccs, clock);
  return { backend, ccs, clock, connect, login: () => connect().login() };
}
