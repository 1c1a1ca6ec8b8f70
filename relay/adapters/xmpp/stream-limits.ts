/** What a peer may cost us. One that exceeds a limit is cut off (`policy-violation`), except for `unreadBytes`. */
export interface StreamLimits {
  /** The whole stanza's text, in UTF-16 code units. */
  readonly stanzaLength: number;
  /** Elements within elements, the stanza itself being 1. */
  readonly depth: number;
  /** Elements in one stanza. */
  readonly elements: number;
  /** Everything before the binding, over the whole connection: stanzas that come that early are kept until then. */
  readonly unboundBytes: number;
  /** Our bytes that the peer has not read. Above it, nothing more of the peer's is read until it has taken them all. */
  readonly unreadBytes: number;
}

// CCS's payloads have at most 4096 bytes (protocol §3) and its stanzas four elements: generous, and still cheap.
// 100 of them un-acked, each character of the payload escaped, are 3 MB, which is normal right after a binding.
export const DEFAULT_LIMITS: StreamLimits = {
  stanzaLength: 1_048_576,
  depth: 32,
  elements: 1_024,
  unboundBytes: 4_194_304,
  unreadBytes: 4_194_304,
};
