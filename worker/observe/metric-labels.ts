import { ENDS_CONNECTIONS } from '../../relay/machine/delivery/suspicion.ts';
import { NO_ANSWER } from '../../relay/model/outcome.ts';
import { LANES } from '../../relay/adapters/pubsub/topology.ts';
import { RECEIVED_BEFORE } from '../../relay/machine/answers.ts';
import { CONNECTION_STATES, type ConnectionState } from '../../relay/machine/links/connection.ts';
import { HAND_BACK_REASONS, type ConnectionEnd } from '../../relay/machine/turn/note.ts';
import { MESSAGE_ID_CONFLICT } from '../../relay/model/delivery-event.ts';
import { CONNECTION_LOST } from '../../relay/machine/delivery/send-rules.ts';
import { isTerminal, MESSAGE_STATES, type TerminalState } from '../../relay/model/record.ts';
import { NACK_CODES } from '../../relay/protocol/ccs/nack-codes.ts';
import type { Anomaly } from './anomaly.ts';

/**
 * The values of each label. All exist at 0 from the start: an alert on a missing sample never fires, and a rate misses
 * the first event.
 */
type Labels = Readonly<Record<string, string>>;

/** The type makes the list complete. */
const keysOf = <K extends string>(all: Readonly<Record<K, true>>): K[] => Object.keys(all) as K[];

const NO_ERROR = 'none';
const OTHER = 'other';
const ERRORS = [
  ...NACK_CODES,
  'STANZA_ERROR',
  RECEIVED_BEFORE,
  MESSAGE_ID_CONFLICT,
  NO_ANSWER,
  CONNECTION_LOST,
  ENDS_CONNECTIONS,
  OTHER,
];
const KNOWN_ERRORS: ReadonlySet<string> = new Set(ERRORS);

/** Bounds a label's values, whatever CCS sends. */
export const errorLabel = (error: string | undefined): string =>
  error === undefined ? NO_ERROR : KNOWN_ERRORS.has(error) ? error : OTHER;

const TERMINAL_STATES = MESSAGE_STATES.filter(isTerminal);
const WITHOUT_ERROR: ReadonlySet<TerminalState> = new Set(['acked', 'cancelled']);
const errorsOf = (state: TerminalState): string[] => [NO_ERROR, ...(WITHOUT_ERROR.has(state) ? [] : ERRORS)];

const valuesOf = (label: string, values: readonly string[]): Labels[] => values.map((value) => ({ [label]: value }));

export const OPEN_STATES: readonly ConnectionState[] = CONNECTION_STATES.filter((state) => state !== 'closed');

export const KNOWN = {
  lane: valuesOf('lane', LANES),
  settled: TERMINAL_STATES.flatMap((state) =>
    errorsOf(state).flatMap((error) => LANES.map((lane): Labels => ({ state, error, lane }))),
  ),
  reason: valuesOf('reason', ['QUEUE_NOT_SIGNED', 'TOO_LARGE', 'NOT_JSON', 'INVALID_MESSAGE', 'WRONG_SENDER']),
  state: valuesOf('state', TERMINAL_STATES),
  error: valuesOf('error', [NO_ERROR, ...ERRORS]),
  repeat: valuesOf('repeat', ['false', 'true']),
  repeated: valuesOf('repeated', ['false', 'true']),
  why: valuesOf('why', HAND_BACK_REASONS),
  how: valuesOf('how', keysOf<ConnectionEnd>({ orderly: true, refusedCredentials: true, failed: true })),
  anomaly: valuesOf('kind', [
    'deadLetterFailed',
    'unknownQueueVersion',
    'lanePaused',
    ...keysOf<Anomaly['kind']>({
      unmatchedAnswer: true,
      defect: true,
      unknownFrame: true,
      pushCredentials: true,
      silent: true,
      unanswered: true,
      upstreamRefused: true,
      storeFailed: true,
      publishFailed: true,
    }),
  ]),
} as const;
