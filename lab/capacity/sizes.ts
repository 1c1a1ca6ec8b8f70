/** How large a message is at each station, in bytes. */
export interface Sizes {
  /** As Pub/Sub counts: data, attributes, id, time. */
  readonly requestBytes: number;
  readonly laneBytes: number;
  readonly eventBytes: number;
  readonly upstreamBytes: number;
  /** The JSON sent to CCS. */
  readonly ccsBytes: number;
  /** As Firestore counts: the document, and its index entries. */
  readonly documentBytes: number;
  readonly indexBytes: number;
}

/** Without payload, as the relay encodes a message to a token of 163 characters; a test compares with its encoders. */
const EMPTY: Sizes = {
  requestBytes: 319,
  laneBytes: 553,
  eventBytes: 367,
  upstreamBytes: 591,
  ccsBytes: 282,
  documentBytes: 473,
  indexBytes: 1_804,
};

export const sizesOf = (payloadBytes: number): Sizes => ({
  ...EMPTY,
  requestBytes: EMPTY.requestBytes + payloadBytes,
  laneBytes: EMPTY.laneBytes + payloadBytes,
  upstreamBytes: EMPTY.upstreamBytes + payloadBytes,
  ccsBytes: EMPTY.ccsBytes + payloadBytes,
});
