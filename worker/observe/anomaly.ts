import type { Note } from '../../relay/machine/turn/note.ts';

/** Notes on what should not happen, and was handled: counted by kind in `relay_anomalies_total`. */
export type Anomaly = Extract<
  Note,
  {
    kind:
      | 'unmatchedAnswer'
      | 'defect'
      | 'unknownFrame'
      | 'pushCredentials'
      | 'silent'
      | 'unanswered'
      | 'upstreamRefused'
      | 'storeFailed'
      | 'publishFailed';
  }
>;
