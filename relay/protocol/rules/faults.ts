import type { FieldError, FieldErrorCode } from './field-error.ts';

/** A request with a million bad fields must not get a million errors. */
export const MAX_FAULTS = 100;

const MAX_KEY_LENGTH = 100; // a caller's key may be as long as the request

/** Collects every fault of one request; past MAX_FAULTS it only says that there are more. */
export class Faults {
  readonly #found: FieldError[] = [];

  add(path: string, code: FieldErrorCode, message: string): void {
    if (this.#found.length < MAX_FAULTS) this.#found.push({ path, code, message });
    else this.#found[MAX_FAULTS - 1] = MORE;
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  get all(): readonly FieldError[] {
    return this.#found;
  }
}

const MORE: FieldError = {
  path: '',
  code: 'TOO_MANY',
  message: `too many errors: only the first ${MAX_FAULTS - 1} are listed`,
};

/** `data` and `google_x` → `data.google_x`; at the top level, the key alone. */
export function pathOf(parent: string, key: string): string {
  const shown = key.length > MAX_KEY_LENGTH ? `${key.slice(0, MAX_KEY_LENGTH)}…` : key;
  return parent === '' ? shown : `${parent}.${shown}`;
}
