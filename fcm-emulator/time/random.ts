/** Seeded randomness: a seed replays a run. Each concern has its own stream, so a new draw in one leaves the others. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  integer(min: number, max: number): number;
  hex(digits: number): string;
}

const GOLDEN = 0x9e3779b9;

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** mulberry32: 32 bits of state, good enough for a test server's faults and identifiers. */
export function random(seed: string, concern: string): Random {
  let state = hash(`${concern}:${seed}`);
  const next = (): number => {
    state = (state + GOLDEN) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => integer(0, 15).toString(16).toUpperCase()).join('');
  return { next, integer, hex };
}
