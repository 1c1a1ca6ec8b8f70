/** One stanza, or a fragment of one, as received (`in`) or sent (`out`). */
export interface WireEntry {
  readonly connection: string;
  readonly way: 'in' | 'out';
  readonly text: string;
}

export type WireListener = (entry: WireEntry) => void;
