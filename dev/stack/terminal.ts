import { styleText } from 'node:util';

/** What `npm start` shows: calm lines in a terminal, the same lines plain everywhere else. */
type Style = Parameters<typeof styleText>[0];
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

const CLEAR_LINE = '\r\x1b[2K';
const LABEL_WIDTH = 14;

/** A line of the first message's way. */
export const shown = (what: string, afterMs: number, text: string): void =>
  console.log(
    `${styled('cyan', '→')} ${what.padEnd(LABEL_WIDTH)}${styled('dim', `${afterMs} ms`.padStart(7))}  ${text}`,
  );

/** The steps of the start: what is under way stands in the last line of a terminal, what is done stays above it. */
export class Steps {
  readonly #live = process.stdout.isTTY;
  readonly #underWay = new Set<string>();

  /** `detail` says afterwards what there is now. */
  async run<T>(label: string, work: () => Promise<T>, detail: (result: T) => string): Promise<T> {
    const startedAt = performance.now();
    this.#underWay.add(label);
    this.#paint();
    try {
      const result = await work();
      const took = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(7);
      this.#print(`${styled('green', '✓')} ${label.padEnd(LABEL_WIDTH)}${styled('dim', took)}  ${detail(result)}`);
      return result;
    } finally {
      this.#underWay.delete(label);
      this.#paint();
    }
  }

  /** Wipes the last line, for good. */
  end(): void {
    this.#underWay.clear();
    this.#paint();
  }

  #print(line: string): void {
    if (this.#live) process.stdout.write(CLEAR_LINE);
    console.log(line);
  }

  #paint(): void {
    if (!this.#live) return;
    const text = this.#underWay.size === 0 ? '' : styled('dim', `· ${[...this.#underWay].join(', ')} …`);
    process.stdout.write(CLEAR_LINE + text);
  }
}
