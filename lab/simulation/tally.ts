import { createHash } from 'node:crypto';
import type { InvariantName } from './judge.ts';
import { INVARIANTS } from './judge.ts';
import { KNOWN_EXCEPTIONS, type KnownException } from './invariants/rule.ts';
import type { RunReport } from './run.ts';

const SEEDS_NAMED = 10;

/** The results of many runs. */
export class Tally {
  seeds = 0;
  virtualMs = 0;
  /** Failing seeds, by invariant. */
  readonly failing = new Map<InvariantName, number[]>();
  readonly #exceptions = new Map<KnownException, number>();
  readonly #counts = new Map<string, number>();
  readonly #digest = createHash('sha256');

  add(seed: number, { violations, exceptions, virtualMs, counts, digest }: RunReport): void {
    this.#digest.update(`${seed} ${digest}\n`);
    this.seeds++;
    this.virtualMs += virtualMs;
    for (const invariant of new Set(violations.map((violation) => violation.invariant)))
      this.failing.set(invariant, [...(this.failing.get(invariant) ?? []), seed]);
    for (const [known, count] of exceptions) this.#exceptions.set(known, (this.#exceptions.get(known) ?? 0) + count);
    for (const [kind, count] of counts) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  get failed(): number {
    return new Set([...this.failing.values()].flat()).size;
  }

  /** @param realMs how long the runs took */
  table(realMs: number): string {
    const invariants = Object.keys(INVARIANTS) as InvariantName[];
    const kinds = [...this.#counts]
      .filter(([kind]) => kind !== 'holds' && kind !== 'end')
      .sort(([a], [b]) => a.localeCompare(b));
    return [
      row('seeds run', this.seeds),
      row('digest of all', this.#digest.copy().digest('hex').slice(0, 16)),
      row('virtual time', `${(this.virtualMs / 3_600_000).toFixed(1)} h`),
      row(
        'real time',
        `${(realMs / 1_000).toFixed(1)} s, ${(this.seeds / (realMs / 1_000)).toFixed(1)} seeds a second`,
      ),
      '',
      'what happened',
      ...kinds.map(([kind, count]) => row(kind, count)),
      '',
      'known exceptions met (documented, not violations)',
      ...(Object.keys(KNOWN_EXCEPTIONS) as KnownException[]).map(
        (known) => `${row(known, this.#exceptions.get(known) ?? 0)}   ${KNOWN_EXCEPTIONS[known]}`,
      ),
      '',
      'seeds that break an invariant',
      ...invariants.map(
        (invariant) => `${row(invariant, this.failing.get(invariant)?.length ?? 0)}${this.#seedsOf(invariant)}`,
      ),
      row('in all', this.failed),
    ].join('\n');
  }

  #seedsOf(invariant: InvariantName): string {
    const seeds = this.failing.get(invariant) ?? [];
    return seeds.length === 0
      ? ''
      : `   seeds ${seeds.slice(0, SEEDS_NAMED).join(' ')}${seeds.length > SEEDS_NAMED ? ' …' : ''}`;
  }
}

const row = (label: string, value: number | string): string => `  ${label.padEnd(40)} ${String(value).padStart(12)}`;
