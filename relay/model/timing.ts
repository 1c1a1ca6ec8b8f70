/**
 * What makes a cancel exact (issue 2: a cancelled message is never sent) without a write before every send. Two sides
 * keep it: the worker sends only on a state that it read at most READ_VALID_MS ago (an older one it first confirms by a
 * conditional `sent` write), and writes `sent` if no answer has come SLOW_ANSWER_MS after the send. So once a cancel
 * request stands in the document, whoever read it before has sent by READ_VALID_MS at the latest, and that shows in the
 * document SLOW_ANSWER_MS later. A DELETE that waits for both, and then finds the version that it wrote itself, knows
 * that nothing was sent.
 */
export const READ_VALID_MS = 1_000;
export const SLOW_ANSWER_MS = 1_000;

const WRITE_MARGIN_MS = 1_500; // for the worker's write to arrive: a group commit, and one repeat of it

/** How long a DELETE waits between asking for the cancel and settling it. */
export const CANCEL_WAIT_MS = READ_VALID_MS + SLOW_ANSWER_MS + WRITE_MARGIN_MS;

/**
 * A claim that is older is made again before the send that it was for: another worker may have had the message
 * meanwhile.
 */
export const CLAIM_VALID_MS = 5_000;

/**
 * A document that somebody else marked `sent` less than this ago: the message is in his hands, and how it ended will
 * stand there soon. Whoever claimed it sends it while the claim is valid, or never; CCS then has 15 s for its answer.
 */
export const IN_HANDS_MS = CLAIM_VALID_MS + 15_000;
