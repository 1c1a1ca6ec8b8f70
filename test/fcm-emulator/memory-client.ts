import { Ccs } from '../../fcm-emulator/ccs/ccs.ts';
import { optionsSchema, settingsSchema, type FcmEmulatorOptions } from '../../fcm-emulator/options.ts';
import type { Session } from '../../fcm-emulator/session/session.ts';
import { FakeClock } from './fake-clock.ts';
import { frames, message, plain } from './wire-client.ts';

export const HEADER =
  '<stream:stream to="fcm.googleapis.com" version="1.0" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">';
export const BIND =
  '<iq id="b" type="set"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>test</resource></bind></iq>';
export const USER = '1234567890@fcm.googleapis.com';
export const KEY = 'server-key';

/** A client on a link of memory: what it writes is dealt with at once, what comes back is there at once. */
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

  /** The JSON of the one frame that answers. */
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
    this.#clock.advance(0); // upstream begins
    return this;
  }
}

/** The server without sockets, under a clock that stands still. */
export function memoryCcs(input: FcmEmulatorOptions = {}): {
  ccs: Ccs;
  clock: FakeClock;
  connect: () => MemoryClient;
  login: () => MemoryClient;
} {
  const settings: Record<string, unknown> = { keepaliveMs: 0, upstreamDelayMs: 0 };
  const options: Record<string, unknown> = { loginTimeoutMs: 0 };
  for (const [name, value] of Object.entries(input)) (name in settingsSchema.shape ? settings : options)[name] = value;
  const clock = new FakeClock();
  const ccs = new Ccs(optionsSchema.parse(options), settingsSchema.parse(settings), clock);
  const connect = (): MemoryClient => new MemoryClient(ccs, clock);
  return { ccs, clock, connect, login: () => connect().login() };
}
