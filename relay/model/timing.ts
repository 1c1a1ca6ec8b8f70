/*
 * The times by which workers and a DELETE tell, from a message's document alone, whether somebody else has sent the
 * message or is about to. relay/machine/delivery/document.ts has the argument.
 */

/** The oldest read that a first send may rest on. */
export const READ_VALID_MS = 1_000;

/** An answer that takes longer is slow: `sent` is written. */
export const SLOW_ANSWER_MS = 1_000;

/** For that write to arrive: a group commit, and one repeat of it. */
const WRITE_MARGIN_MS = 1_500;

/** When a send on a read from before now shows in the document. A DELETE and a contested claim wait that long. */
export const CANCEL_WAIT_MS = READ_VALID_MS + SLOW_ANSWER_MS + WRITE_MARGIN_MS;

/** The oldest claim that a send may rest on. */
export const CLAIM_VALID_MS = 5_000;

/** How long FCM's answer to another worker's send may take. */
const ANSWER_MS = 15_000;

/** A message that another worker marked `sent` less than this ago is left to that worker. */
export const IN_HANDS_MS = CLAIM_VALID_MS + ANSWER_MS;
