/** What one stanza may cost us. The peer that passes a limit is cut off (`policy-violation`). */
export interface StreamLimits {
  /** The whole stanza's text, in UTF-16 code units. */
  readonly stanzaLength: number;
  /** Elements within elements, the stanza itself being 1. */
  readonly depth: number;
  /** Elements in one stanza. */
  readonly elements: number;
}

// CCS's payloads have at most 4096 bytes (protocol §3) and its stanzas four elements: generous, and still cheap.
export const DEFAULT_LIMITS: StreamLimits = { stanzaLength: 1_048_576, depth: 32, elements: 1_024 };
