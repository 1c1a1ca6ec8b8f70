import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

const CLEAR_LINE = '\r\x1b[2K';
const LABEL_WIDTH = 14;

/** A step of the first message. */
export const printStep = (what: string, afterMs: number, text: string): void =>
  console.log(
    `${styled('cyan', '→')} ${what.padEnd(LABEL_WIDTH)}${styled('dim', `${afterMs} ms`.padStart(7))}  ${text}`,
  );

/** Progress of the start. In a terminal the last line shows what is in progress, below what is done. */
export class Steps {
  readonly #live = process.stdout.isTTY;
  readonly #inProgress = new Set<string>();

  /** @param detail describes the result */
  async run<T>(label: string, work: () => Promise<T>, detail: (result: T) => string): Promise<T> {
    const startedAt = performance.now();
    this.#inProgress.add(label);
    this.#paint();
    try {
      const result = await work();
      const took = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(7);
      this.#print(`${styled('green', '✓')} ${label.padEnd(LABEL_WIDTH)}${styled('dim', took)}  ${detail(result)}`);
      return result;
    } finally {
      this.#inProgress.delete(label);
      this.#paint();
    }
  }

  /** Clears the last line. */
  end(): void {
    this.#inProgress.clear();
    this.#paint();
  }

  #print(line: string): void {
    if (this.#live) process.stdout.write(CLEAR_LINE);
    console.log(line);
  }

  #paint(): void {
    if (!this.#live) return;
    const text = this.#inProgress.size === 0 ? '' : styled('dim', `· ${[...this.#inProgress].join(', ')} …`);
    process.stdout.write(CLEAR_LINE + text);
  }
}
