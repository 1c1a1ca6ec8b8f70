/**
 * Remembers the last `capacity` to 2 × `capacity` ids. Two generations: forgetting is one assignment, memory is flat.
 */
export class RememberedIds {
  readonly #capacity: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  add(id: string): void {
    this.#young.add(id);
    if (this.#young.size < this.#capacity) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
