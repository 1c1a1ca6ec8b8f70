import type { Outcome } from '../../model/outcome.ts';

/**
 * A message can end its connection: FCM closes it each time it reads that message. When a connection ends, everything
 * pending on it is suspect, since nothing tells which message did it, if any: networks fail too. So a message
 * - is sent again on the regular connections after its first loss, behind fresh messages, a few suspects at a time
 *   (SendQueue, `suspect`);
 * - waits after the second, longer each time, and then goes out alone on a connection of its own, the quarantine, where
 *   it disturbs no other message;
 * - is on trial there if FCM has just answered another message on that connection, which shows that the connection was
 *   good. A message that ends three connections on trial is dead-lettered, provided that FCM kept answering others
 *   meanwhile (`Health`). Any answer acquits it.
 *
 * Without other messages there is no trial: it is sent again after growing waits until its time to live is over.
 */
export const ISOLATED_AFTER_LOSSES = 2;
const FATAL_TRIALS = 3;

/** A connection that ends without a trial shows that FCM or the network fails. This many answers make up for one. */
const ANSWERS_PER_LOSS = 20;

/** Answers to all messages so far, and connections lost outside of trials. */
export interface Health {
  answers: number;
  losses: number;
}

/** What is known against one message. */
export interface Suspicion {
  /** Connections that ended with it pending. */
  losses: number;
  /** The present send is a trial. */
  onTrial: boolean;
  /** Trials that ended the connection. */
  convictions: number;
  /** At the first conviction. */
  before: Readonly<Health>;
}

export const unsuspected = (): Suspicion => ({
  losses: 0,
  onTrial: false,
  convictions: 0,
  before: { answers: 0, losses: 0 },
});

interface Suspect {
  readonly suspicion: Suspicion;
}

export const isIsolated = ({ suspicion }: Suspect): boolean => suspicion.losses >= ISOLATED_AFTER_LOSSES;

/**
 * Its connection ended before it was answered. @param alone nothing else was pending there. Returns whether that is
 * enough to give it up.
 */
export function convict({ suspicion }: Suspect, alone: boolean, health: Readonly<Health>): boolean {
  suspicion.losses++;
  if (!suspicion.onTrial || !alone) return false;
  suspicion.onTrial = false;
  suspicion.convictions++;
  if (suspicion.convictions === 1) suspicion.before = { ...health };
  if (suspicion.convictions < FATAL_TRIALS) return false;
  const { answers, losses } = suspicion.before;
  if (health.answers - answers >= ANSWERS_PER_LOSS * (health.losses - losses)) return true;
  suspicion.convictions = 0; // others lost their connections too: start over
  return false;
}

export const ENDS_CONNECTIONS = 'ENDS_CONNECTIONS';

export const convictedOutcome = (atMs: number): Outcome => ({
  state: 'dead',
  atMs,
  error: ENDS_CONNECTIONS,
  errorDescription:
    `${FATAL_TRIALS} connections that had just answered another message ` + 'ended when it was sent on them alone',
});
