/** What CCS may send, decoded (protocol §2, §4, §6, §7). */
export type InboundFrame =
  AckFrame | NackFrame | UpstreamFrame | ReceiptFrame | ControlFrame | StanzaErrorFrame | UnknownFrame;

export interface AckFrame {
  readonly kind: 'ack';
  readonly messageId: string;
  /** The canonical token that replaces the one used (protocol §4). */
  readonly canonicalToken?: string;
}

export interface NackFrame {
  readonly kind: 'nack';
  readonly messageId: string;
  /** Verbatim; `""` when CCS left it out. */
  readonly error: string;
  readonly description: string;
}

export interface UpstreamFrame {
  readonly kind: 'upstream';
  readonly messageId: string;
  /** The device's registration token; the ack goes `to` it. */
  readonly from: string;
  readonly category?: string;
  /** As it came: an object according to the documents, anything in practice; `{}` where there is none. */
  readonly data: unknown;
}

export interface ReceiptFrame {
  readonly kind: 'receipt';
  /** `dr2:…`, which the ack names. */
  readonly messageId: string;
  readonly from: string;
  readonly originalMessageId?: string;
  readonly status?: string;
  readonly data: unknown;
}

export interface ControlFrame {
  readonly kind: 'control';
  /** `CONNECTION_DRAINING` is the only one today. */
  readonly controlType: string;
}

export interface StanzaErrorFrame {
  readonly kind: 'stanzaError';
  /** The id that CCS echoes: of the stanza we sent, else of the payload it repeats. */
  readonly messageId?: string;
  readonly code?: string;
  readonly condition?: string;
  readonly text: string;
}

/** Ignored and counted (protocol §6). */
export interface UnknownFrame {
  readonly kind: 'unknown';
  /** Why it could not be read. Never the payload. */
  readonly reason: string;
}

/**
 * A `<message>`, taken out of its XML by the transport. `json` is the text inside `<gcm xmlns="google:mobile:data">`.
 */
export interface MessageStanza {
  readonly id?: string;
  readonly type?: string;
  readonly json?: string;
  readonly error?: { readonly code?: string; readonly condition?: string; readonly text?: string };
}
