import { reportOfNack } from '../../relay/adapters/xmpp/verdicts.ts';
import type { LinkReport, OutgoingMessage } from '../../relay/model/link.ts';
import { CcsAnswers, KILLS, type Answer } from './ccs-answers.ts';
import type { Actor } from './fact.ts';
import type { Line } from './line.ts';
import type { Surroundings } from './surroundings.ts';

const SLOWEST_ANSWER_MS = 60_000;
// a draining connection nacks new messages already while its control message is on the way
const SAYS_SO_AFTER_MS = 300;

/** CCS: takes connections and messages, answers, drains, goes away; and has devices that send upstream. */
export class SimulatedCcs {
  readonly #around: Surroundings;
  readonly answers: CcsAnswers;
  readonly lines = new Set<Line>();
  /** Upstream messages that no ack has come for. */
  readonly #upstream = new Map<string, LinkReport>();
  #awayUntilMs = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.answers = new CcsAnswers(around);
  }

  get upstreamOpen(): number {
    return this.#upstream.size;
  }

  connect(worker: Actor, line: Line): void {
    const { clock, dice, trouble, journal } = this.#around;
    clock.after(dice.between(5, 200), () => {
      if (clock.nowMs < this.#awayUntilMs || dice.chance(trouble.connectFails)) return line.end('failed');
      if (dice.chance(trouble.loginRefused)) return line.end('refusedCredentials');
      if (!line.workerOpen) return;
      this.lines.add(line);
      journal.note({ kind: 'opened', worker, line: line.name });
      line.open();
      // what is un-acked comes again on a new connection
      for (const id of this.#upstream.keys()) this.#sendUpstream(line, id);
    });
  }

  sendUpstream(id: string, from = 'device-token'): void {
    this.#around.journal.note({ kind: 'upstreamBegan', id });
    this.#upstream.set(id, {
      kind: 'upstream',
      messageId: id,
      from,
      category: 'app',
      data: { id },
      length: 0,
    });
    const open = [...this.lines].filter(({ drainSaid }) => !drainSaid);
    if (open.length > 0) this.#sendUpstream(this.#around.dice.pick(open), id);
  }

  lose(line: Line, how: 'orderly' | 'failed'): void {
    if (!this.lines.delete(line)) return;
    this.#around.journal.note({ kind: 'lost', line: line.name, how });
    line.end(how);
  }

  drain(line: Line): void {
    if (line.drainSaid) return;
    const { clock, dice, trouble, journal } = this.#around;
    line.drainSaid = true;
    journal.note({ kind: 'drainSaid', line: line.name });
    clock.after(dice.between(0, SAYS_SO_AFTER_MS), () =>
      line.down({ kind: 'draining' }, () => journal.note({ kind: 'drainRead', line: line.name })),
    );
    if (!dice.chance(trouble.drainForgotten)) clock.after(dice.between(500, 60_000), () => this.lose(line, 'orderly'));
  }

  goAway(forMs: number): void {
    this.#around.journal.note({ kind: 'outage', of: 'ccs', forMs: Math.round(forMs) });
    this.#awayUntilMs = this.#around.clock.nowMs + forMs;
    for (const line of this.lines) this.lose(line, 'failed');
  }

  halfOpen(line: Line): void {
    const { clock, dice, journal } = this.#around;
    if (line.halfOpen) return;
    journal.note({ kind: 'halfOpen', line: line.name });
    line.halfOpen = true;
    clock.after(dice.between(10_000, 120_000), () => this.lose(line, 'failed')); // CCS's end finds out by itself
  }

  /** The worker's ack of an upstream message arrives. */
  ackedUpstream(line: Line, id: string): void {
    this.#around.journal.note({ kind: 'upstreamAcked', line: line.name, id });
    if (line.upstream.has(id)) this.#upstream.delete(id);
  }

  /** A message that the worker sent arrives. */
  received(line: Line, { messageId: id, content }: OutgoingMessage): void {
    const { to = '', condition = to } = content.message;
    const { clock, dice, trouble, journal } = this.#around;
    if (condition.startsWith(KILLS)) {
      journal.note({ kind: 'received', line: line.name, id, took: false });
      journal.note({ kind: 'endsLine', line: line.name, id });
      return this.lose(line, dice.pick(['orderly', 'failed']));
    }
    const answer = this.answers.to(line, id, condition);
    journal.note({ kind: 'received', line: line.name, id, took: answer.took });
    if (dice.chance(trouble.noAnswer)) return;
    const delayMs = dice.chance(trouble.slowAnswers)
      ? dice.next() ** 3 * SLOWEST_ANSWER_MS
      : dice.next() * 2 * trouble.latencyMs;
    clock.after(delayMs, () => this.#answer(line, id, answer, false));
    if (dice.chance(trouble.answerTwice))
      clock.after(delayMs + dice.next() * 4_000, () => this.#answer(line, id, answer, true));
    if (dice.chance(trouble.oddFrames)) clock.after(delayMs, () => this.#sayOddly(line));
  }

  #answer(line: Line, id: string, { report, name, verdict }: Answer, repeated: boolean): void {
    if (!line.ccsOpen) return;
    const { journal } = this.#around;
    journal.note({ kind: 'answered', line: line.name, id, answer: name, verdict, repeated });
    line.down(report, () => {
      if (name === 'CONNECTION_DRAINING') journal.note({ kind: 'drainRead', line: line.name });
      journal.note({ kind: 'answerRead', line: line.name, id, repeated });
    });
  }

  #sayOddly(line: Line): void {
    const { dice, journal } = this.#around;
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
    this.#around.journal.note({ kind: 'upstreamSent', line: line.name, id });
    line.down(report);
  }
}
