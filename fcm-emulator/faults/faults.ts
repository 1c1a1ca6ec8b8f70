import type { Random } from '../time/random.ts';
import type { Fault, Rule } from './rules.ts';

/** What a rule can match of a message, or of a login (sender and connection only). */
export interface Traffic {
  readonly sender: string;
  readonly connection: string;
  readonly messageId?: string | undefined;
  readonly token?: string | undefined;
  readonly topic?: string | undefined;
  readonly collapseKey?: string | undefined;
}

interface ActiveRule {
  readonly id: string;
  readonly rule: Rule;
  readonly until: number;
  seen: number;
  applied: number;
  readonly perMessage: Map<string, number>;
}

export interface RuleState {
  readonly id: string;
  readonly rule: Rule;
  readonly seen: number;
  readonly applied: number;
}

const MAX_COUNTED_MESSAGES = 1_000_000; // per rule with timesPerMessage; the oldest is forgotten first

function matches({ match }: Rule, traffic: Traffic): boolean {
  return (
    (match.token === undefined || match.token === traffic.token) &&
    (match.topic === undefined || match.topic === traffic.topic) &&
    (match.messageId === undefined || match.messageId === traffic.messageId) &&
    (match.messageIdPrefix === undefined || (traffic.messageId?.startsWith(match.messageIdPrefix) ?? false)) &&
    (match.sender === undefined || match.sender === traffic.sender) &&
    (match.connection === undefined || match.connection === traffic.connection) &&
    (match.collapseKey === undefined || match.collapseKey === traffic.collapseKey)
  );
}

/** The active rules, and how often each was applied. */
export class Faults {
  readonly #random: Random;
  #active: ActiveRule[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get isEmpty(): boolean {
    return this.#active.length === 0;
  }

  add(rule: Rule, now: number): string {
    const id = `r${(this.#count += 1)}`;
    const until = rule.forMs === undefined ? Infinity : now + rule.forMs;
    this.#active.push({ id, rule, until, seen: 0, applied: 0, perMessage: new Map() });
    return id;
  }

  remove(id: string): boolean {
    const before = this.#active.length;
    this.#active = this.#active.filter((one) => one.id !== id);
    return this.#active.length < before;
  }

  clear(): void {
    this.#active = [];
  }

  list(): RuleState[] {
    return this.#active.map(({ id, rule, seen, applied }) => ({ id, rule, seen, applied }));
  }

  /** The faults that apply to this message, in the order of their rules. */
  forMessage(traffic: Traffic, now: number): Fault[] {
    return this.#pick(traffic, now, false);
  }

  refusesLogin(traffic: Traffic, now: number): boolean {
    return this.#pick(traffic, now, true).length > 0;
  }

  #pick(traffic: Traffic, now: number, login: boolean): Fault[] {
    const found: Fault[] = [];
    for (const active of this.#active) {
      if ((active.rule.fault.kind === 'refuseAuth') !== login) continue;
      if (now < active.until && matches(active.rule, traffic) && this.#applies(active, traffic.messageId))
        found.push(active.rule.fault);
    }
    return found;
  }

  #applies(active: ActiveRule, messageId: string | undefined): boolean {
    const { rule, perMessage } = active;
    if (rule.match.share !== undefined && this.#random.next() >= rule.match.share) return false;
    active.seen += 1;
    if (active.seen <= rule.skip) return false;
    if (rule.times !== undefined && active.applied >= rule.times) return false;
    if (rule.timesPerMessage !== undefined && messageId !== undefined) {
      const times = perMessage.get(messageId) ?? 0;
      if (times >= rule.timesPerMessage) return false;
      perMessage.set(messageId, times + 1);
      if (perMessage.size > MAX_COUNTED_MESSAGES)
        for (const oldest of perMessage.keys()) {
          perMessage.delete(oldest);
          break;
        }
    }
    active.applied += 1;
    return true;
  }
}
