/** What a peer may cost us. One that passes a limit is cut off (`policy-violation`), but for `unreadBytes`. */
export interface StreamLimits {
  /** The whole stanza's text, in UTF-16 code units. */
  readonly stanzaLength: number;
  /** Elements within elements, the stanza itself being 1. */
  readonly depth: number;
  /** Elements in one stanza. */
  readonly elements: number;
  /** All that comes before the binding, on the whole connection: stanzas that come so early are kept until then. */
  readonly unboundBytes: number;
  /** Ours that the peer has not read: past it nothing more of the peer's is read, until it has taken all. */
  readonly unreadBytes: number;
}

// CCS's payloads have at most 4096 bytes (protocol §3) and its stanzas four elements: generous, and still cheap.
// 100 of them un-acked, each character of the payload escaped, are 3 MB: so much is ordinary right after a binding.
export const DEFAULT_LIMITS: StreamLimits = {
  stanzaLength: 1_048_576,
  depth: 32,
  elements: 1_024,
  unboundBytes: 4_194_304,
  unreadBytes: 4_194_304,
};
