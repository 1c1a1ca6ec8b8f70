import { format } from 'node:util';

/** One test of a test file. `run` rejects, or throws, where it fails. */
export interface Trial {
  readonly id: string;
  readonly file: string;
  readonly run: () => unknown;
}

type Body = (...args: unknown[]) => unknown;

/** The part of jest's globals that our tests use: `test`, `describe` and their `each`. Collects bodies, runs none. */
export class Suite {
  readonly trials = new Map<string, Trial>();
  readonly globals = {
    test: Object.assign((name: string, body: Body) => this.#add(name, body), {
      each: each((name, body) => this.#add(name, body)),
    }),
    describe: Object.assign((name: string, body: Body) => this.#within(name, body), {
      each: each((name, body) => this.#within(name, body)),
    }),
  };
  #file = '';
  #path: readonly string[] = [];

  /** Collects a file's tests. The first is that it loads: a mutant may make a module throw. */
  readonly collect = (file: string, load: () => void): void => {
    this.#file = file;
    let outcome = (): void => undefined;
    this.#add('loads', () => outcome());
    try {
      load();
    } catch (error) {
      outcome = () => {
        throw error;
      };
    }
  };

  #within(name: string, body: Body): void {
    const outside = this.#path;
    this.#path = [...outside, name];
    try {
      body();
    } finally {
      this.#path = outside;
    }
  }

  #add(name: string, run: () => unknown): void {
    const base = `${this.#file}: ${[...this.#path, name].join(' > ')}`;
    let id = base;
    for (let copy = 2; this.trials.has(id); copy++) id = `${base} (${copy})`;
    this.trials.set(id, { id, file: this.#file, run });
  }
}

/** jest's `each`: rows that are not all arrays are single arguments; the title takes as many as it has placeholders. */
function each(add: (name: string, body: Body) => void) {
  return (rows: readonly unknown[]) =>
    (title: string, body: Body): void => {
      const placeholders = title.match(/%[sdifjoO]/g)?.length ?? 0;
      const table = rows.every((row): row is readonly unknown[] => Array.isArray(row))
        ? rows
        : rows.map((row) => [row]);
      for (const args of table) {
        add(format(title, ...args.slice(0, placeholders)), () => body(...args));
      }
    };
}
