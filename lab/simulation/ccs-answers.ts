import { reportOfNack, reportOfStanzaError } from '../../relay/adapters/xmpp/verdicts.ts';
import type { LinkReport } from '../../relay/model/link.ts';
import type { Line } from './line.ts';
import type { Environment } from './environment.ts';

export interface Answer {
  readonly report: LinkReport;
  /** FCM has taken the message. */
  readonly took: boolean;
  readonly verdict: 'ack' | 'final' | 'later';
  /** For timelines. */
  readonly name: string;
}

/** Prefixes of tokens whose messages FCM always answers "later", and of those on which it closes the connection. */
export const FAILS = 'fails-';
export const KILLS = 'kills-';

const LATER = ['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'SOME_NEW_CODE', ''];
const FINAL = [
  'INVALID_JSON',
  'BAD_REGISTRATION',
  'DEVICE_UNREGISTERED',
  'SENDER_ID_MISMATCH',
  'INVALID_APNS_CREDENTIAL',
  'AUTHENTICATION_FAILED',
];
const STANZA_ERRORS = {
  final: ['bad-request', 'not-acceptable'],
  later: ['internal-server-error', 'resource-constraint'],
} as const;
const DUPLICATE = 'InvalidJson: Message with the same id has been received before';
const LIMIT_WINDOW_MS = 10_000;

/** Decides what FCM answers to a message (protocol §4). */
export class CcsAnswers {
  readonly #env: Environment;
  readonly #taken = new Set<string>();
  /** By target: when its latest messages were taken. */
  readonly #rates = new Map<string, number[]>();
  #stormUntilMs = 0;

  constructor(env: Environment) {
    this.#env = env;
  }

  storm(forMs: number): void {
    this.#stormUntilMs = this.#env.clock.nowMs + forMs;
    this.#env.journal.note({ kind: 'outage', of: 'storm', forMs: Math.round(forMs) });
  }

  to(line: Line, id: string, target: string): Answer {
    const { clock, dice, faults } = this.#env;
    const nack = (verdict: 'final' | 'later', error: string, description = ''): Answer => ({
      report: reportOfNack({ kind: 'nack', messageId: id, error, description }),
      took: false,
      verdict,
      name: error === '' ? 'a nack without a code' : error,
    });
    // otherwise it was in the pipeline already
    if (line.drainSaid && dice.chance(0.5)) return nack('later', 'CONNECTION_DRAINING');
    if (this.#taken.has(id))
      return { ...nack('final', 'INVALID_JSON', DUPLICATE), took: true, verdict: 'ack', name: 'received before' };
    if (target.startsWith(FAILS)) return nack('later', 'INTERNAL_SERVER_ERROR');
    if (clock.nowMs < this.#stormUntilMs) return nack('later', 'SERVICE_UNAVAILABLE');
    if (dice.chance(faults.retryNack)) return nack('later', dice.pick(LATER));
    if (this.#tooMany(target))
      return nack(
        'later',
        target.startsWith('/topics/') ? 'TOPICS_MESSAGE_RATE_EXCEEDED' : 'DEVICE_MESSAGE_RATE_EXCEEDED',
      );
    if (dice.chance(faults.refuse)) return nack('final', dice.pick(FINAL), 'Invalid');
    if (dice.chance(faults.stanzaError)) {
      const verdict = dice.pick(['final', 'later'] as const);
      const condition = dice.pick(STANZA_ERRORS[verdict]);
      return {
        report: reportOfStanzaError({ kind: 'stanzaError', messageId: id, code: '400', condition, text: '' }),
        took: false,
        verdict,
        name: condition,
      };
    }
    this.#taken.add(id);
    return {
      report: { kind: 'accepted', messageId: id, ...(dice.chance(0.05) && { canonicalToken: 'canonical' }) },
      took: true,
      verdict: 'ack',
      name: 'ack',
    };
  }

  #tooMany(target: string): boolean {
    const {
      clock,
      faults: { targetLimit },
    } = this.#env;
    if (targetLimit === 0) return false;
    const since = clock.nowMs - LIMIT_WINDOW_MS;
    const recent = (this.#rates.get(target) ?? []).filter((atMs) => atMs > since);
    const tooMany = recent.length >= targetLimit;
    if (!tooMany) recent.push(clock.nowMs);
    this.#rates.set(target, recent);
    return tooMany;
  }
}
