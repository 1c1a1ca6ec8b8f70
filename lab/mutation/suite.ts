import { format } from 'node:util';

/** One test of a test file. `run` rejects, or throws, where it fails. */
export interface Trial {
  readonly id: string;
  readonly file: string;
  readonly run: () => unknown;
}

type Body = (...args: unknown[]) => unknown;

/**
 * What our tests use of jest's globals, and no more: `test` and `describe`, and `each` of both. Bodies are kept, not
 * run.
 */
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

  /** Takes in the tests of a file. That it can be loaded is its first test: a mutant may make a module throw. */
  readonly collect = (file: string, load: () => void): void => {
    this.#file = file;
    let outcome = (): void => undefined;
    this.#add('can be loaded', () => outcome());
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

/**
 * `each` of jest: where not all rows are arrays, each is the only argument; the title takes as many as it has places.
 */
function each(add: (name: string, body: Body) => void) {
  return (rows: readonly unknown[]) =>
    (title: string, body: Body): void => {
      const places = title.match(/%[sdifjoO]/g)?.length ?? 0;
      const table = rows.every((row): row is readonly unknown[] => Array.isArray(row))
        ? rows
        : rows.map((row) => [row]);
      for (const args of table) {
        add(format(title, ...args.slice(0, places)), () => body(...args));
      }
    };
}
