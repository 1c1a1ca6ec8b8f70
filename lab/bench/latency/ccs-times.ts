import type { EmulatorControl } from '../../../fcm-emulator/client.ts';
import { messageId } from '../load-job.ts';
import { TurnError } from '../side-process.ts';

/** When CCS received each message, from its event stream. */
export class CcsTimes {
  /** Resolves when a client has logged in. */
  readonly bound: Promise<void>;
  readonly #atMs = new Map<string, number>();
  readonly #end = new AbortController();
  readonly #read: Promise<void>;
  #isBound: () => void = () => undefined;

  constructor(control: Pick<EmulatorControl, 'events'>) {
    this.bound = new Promise((resolve) => (this.#isBound = resolve));
    this.#read = this.#listen(control);
    this.#read.catch(() => undefined); // `end` rejects
  }

  /** Milliseconds since 1970. @throws TurnError if it was never received */
  of(n: number): number {
    const atMs = this.#atMs.get(messageId(n));
    if (atMs === undefined) throw new TurnError(`CCS never received ${messageId(n)}`);
    return atMs;
  }

  async end(): Promise<void> {
    this.#end.abort();
    await this.#read;
  }

  async #listen(control: Pick<EmulatorControl, 'events'>): Promise<void> {
    for await (const event of control.events(this.#end.signal)) {
      if (event.type === 'connectionBound') this.#isBound();
      if (event.type === 'downstream' && !this.#atMs.has(event.messageId)) this.#atMs.set(event.messageId, event.at);
    }
  }
}
