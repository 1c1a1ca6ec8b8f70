import { reportOfNack } from '../../relay/adapters/xmpp/verdicts.ts';
import type { LinkReport, OutgoingMessage } from '../../relay/model/link.ts';
import { CcsAnswers, KILLS, type Answer } from './ccs-answers.ts';
import type { Actor } from './fact.ts';
import type { Line } from './line.ts';
import type { Environment } from './environment.ts';

const SLOWEST_ANSWER_MS = 60_000;
// a draining connection refuses new messages while its control message is still on the way
const SAYS_SO_AFTER_MS = 300;

/** FCM's end: takes connections and messages, answers, drains, goes away, and has devices that send upstream. */
export class SimulatedCcs {
  readonly #env: Environment;
  readonly answers: CcsAnswers;
  readonly lines = new Set<Line>();
  /** Un-acked upstream messages. */
  readonly #upstream = new Map<string, LinkReport>();
  #awayUntilMs = 0;

  constructor(env: Environment) {
    this.#env = env;
    this.answers = new CcsAnswers(env);
  }

  get upstreamOpen(): number {
    return this.#upstream.size;
  }

  connect(worker: Actor, line: Line): void {
    const { clock, dice, faults, journal } = this.#env;
    clock.after(dice.between(5, 200), () => {
      if (clock.nowMs < this.#awayUntilMs || dice.chance(faults.connectFails)) return line.end('failed');
      if (dice.chance(faults.loginRefused)) return line.end('refusedCredentials');
      if (!line.workerOpen) return;
      this.lines.add(line);
      journal.note({ kind: 'opened', worker, line: line.name });
      line.open();
      // what is un-acked comes again on a new connection
      for (const id of this.#upstream.keys()) this.#sendUpstream(line, id);
    });
  }

  sendUpstream(id: string, from = 'device-token'): void {
    this.#env.journal.note({ kind: 'upstreamBegan', id });
    this.#upstream.set(id, {
      kind: 'upstream',
      messageId: id,
      from,
      category: 'app',
      data: { id },
      length: 0,
    });
    const open = [...this.lines].filter(({ drainSaid }) => !drainSaid);
    if (open.length > 0) this.#sendUpstream(this.#env.dice.pick(open), id);
  }

  lose(line: Line, how: 'orderly' | 'failed'): void {
    if (!this.lines.delete(line)) return;
    this.#env.journal.note({ kind: 'lost', line: line.name, how });
    line.end(how);
  }

  drain(line: Line): void {
    if (line.drainSaid) return;
    const { clock, dice, faults, journal } = this.#env;
    line.drainSaid = true;
    journal.note({ kind: 'drainSaid', line: line.name });
    clock.after(dice.between(0, SAYS_SO_AFTER_MS), () =>
      line.down({ kind: 'draining' }, () => journal.note({ kind: 'drainRead', line: line.name })),
    );
    if (!dice.chance(faults.drainForgotten)) clock.after(dice.between(500, 60_000), () => this.lose(line, 'orderly'));
  }

  goAway(forMs: number): void {
    this.#env.journal.note({ kind: 'outage', of: 'ccs', forMs: Math.round(forMs) });
    this.#awayUntilMs = this.#env.clock.nowMs + forMs;
    for (const line of this.lines) this.lose(line, 'failed');
  }

  halfOpen(line: Line): void {
    const { clock, dice, journal } = this.#env;
    if (line.halfOpen) return;
    journal.note({ kind: 'halfOpen', line: line.name });
    line.halfOpen = true;
    clock.after(dice.between(10_000, 120_000), () => this.lose(line, 'failed')); // FCM's end notices by itself
  }

  /** The worker's ack of an upstream message arrives. */
  ackedUpstream(line: Line, id: string): void {
    this.#env.journal.note({ kind: 'upstreamAcked', line: line.name, id });
    if (line.upstream.has(id)) this.#upstream.delete(id);
  }

  /** A message that the worker sent arrives. */
  received(line: Line, { messageId: id, content }: OutgoingMessage): void {
    const { to = '', condition = to } = content.message;
    const { clock, dice, faults, journal } = this.#env;
    if (condition.startsWith(KILLS)) {
      journal.note({ kind: 'received', line: line.name, id, took: false });
      journal.note({ kind: 'endsLine', line: line.name, id });
      return this.lose(line, dice.pick(['orderly', 'failed']));
    }
    const answer = this.answers.to(line, id, condition);
    journal.note({ kind: 'received', line: line.name, id, took: answer.took });
    if (dice.chance(faults.noAnswer)) return;
    const delayMs = dice.chance(faults.slowAnswers)
      ? dice.next() ** 3 * SLOWEST_ANSWER_MS
      : dice.next() * 2 * faults.latencyMs;
    clock.after(delayMs, () => this.#answer(line, id, answer, false));
    if (dice.chance(faults.answerTwice))
      clock.after(delayMs + dice.next() * 4_000, () => this.#answer(line, id, answer, true));
    if (dice.chance(faults.oddFrames)) clock.after(delayMs, () => this.#sayOddly(line));
  }

  #answer(line: Line, id: string, { report, name, verdict }: Answer, repeated: boolean): void {
    if (!line.ccsOpen) return;
    const { journal } = this.#env;
    journal.note({ kind: 'answered', line: line.name, id, answer: name, verdict, repeated });
    line.down(report, () => {
      if (name === 'CONNECTION_DRAINING') journal.note({ kind: 'drainRead', line: line.name });
      journal.note({ kind: 'answerRead', line: line.name, id, repeated });
    });
  }

  #sayOddly(line: Line): void {
    const { dice, journal } = this.#env;
    journal.note({ kind: 'oddFrame', line: line.name });
    line.down(
      dice.pick<LinkReport>([
        { kind: 'unrecognized', reason: 'not JSON' },
        { kind: 'accepted', messageId: 'nobody-sent-this' },
        reportOfNack({ kind: 'nack', messageId: 'nobody-sent-this', error: 'SERVICE_UNAVAILABLE', description: '' }),
        reportOfNack({ kind: 'nack', messageId: 'nobody-sent-this', error: 'BAD_ACK', description: '' }),
        { kind: 'unrecognized', reason: 'a new control message' },
      ]),
    );
  }

  #sendUpstream(line: Line, id: string): void {
    const report = this.#upstream.get(id);
    if (report === undefined) return;
    line.upstream.add(id);
    this.#env.journal.note({ kind: 'upstreamSent', line: line.name, id });
    line.down(report);
  }
}
