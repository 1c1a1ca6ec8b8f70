import type { Link, LinkReport, LinkTraits, OnReport, OutgoingMessage, Transport } from '../../../relay/model/link.ts';

export const MEMORY_TRAITS: LinkTraits = { dropsRepeats: false, carriesUpstream: true, abandonsSingly: true };

/** Targets that begin so are refused. */
export const REFUSED_PREFIX = 'refused-';

const LIMIT = 20;

/** FCM in memory: accepts everything but what it is told not to, and answers a microtask later. */
export class MemoryFcm implements Transport {
  readonly traits = MEMORY_TRAITS;
  readonly links = new Set<MemoryLink>();
  readonly acked = new Set<string>();
  isSilent = false;
  refusesLogins = false;

  readonly connect = (report: OnReport): Link => new MemoryLink(this, report);
}

export class MemoryLink implements Link {
  readonly #fcm: MemoryFcm;
  readonly #report: OnReport;
  readonly #pending = new Set<string>();
  #state: 'connecting' | 'open' | 'over' = 'connecting';

  constructor(fcm: MemoryFcm, report: OnReport) {
    this.#fcm = fcm;
    this.#report = report;
    queueMicrotask(() => this.#connected());
  }

  send({ messageId, content }: OutgoingMessage): void {
    if (this.#state !== 'open') return;
    this.#pending.add(messageId);
    if (this.#fcm.isSilent) return;
    const isRefused = content.message.to?.startsWith(REFUSED_PREFIX) ?? false;
    this.#answer(
      messageId,
      isRefused
        ? { kind: 'refused', messageId, verdict: 'failToken', code: 'DEVICE_UNREGISTERED' }
        : { kind: 'accepted', messageId, name: `projects/p/messages/${messageId}` },
    );
  }

  ackUpstream(_from: string, messageId: string): void {
    if (this.#state === 'open') this.#fcm.acked.add(messageId);
  }

  abandon(messageId: string): void {
    this.#answer(messageId, { kind: 'unknown', messageId });
  }

  ping(): void {
    this.say({ kind: 'heard' });
  }

  close(): Promise<void> {
    this.end('orderly', 'closed');
    return Promise.resolve();
  }

  destroy(): void {
    this.end('orderly', 'destroyed');
  }

  /** What the far end says. */
  say(report: LinkReport): void {
    queueMicrotask(() => {
      if (this.#state === 'open') this.#report(report);
    });
  }

  end(how: 'orderly' | 'failed', detail: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#fcm.links.delete(this);
    queueMicrotask(() => this.#report({ kind: 'closed', how, detail }));
  }

  #connected(): void {
    if (this.#state !== 'connecting') return;
    if (this.#fcm.refusesLogins) {
      this.#report({ kind: 'credentialsRefused', detail: 'by the test' });
      return this.end('failed', 'credentials refused');
    }
    this.#state = 'open';
    this.#fcm.links.add(this);
    this.#report({ kind: 'opened', limit: LIMIT });
  }

  #answer(messageId: string, report: LinkReport): void {
    queueMicrotask(() => {
      if (this.#state === 'open' && this.#pending.delete(messageId)) this.#report(report);
    });
  }
}
