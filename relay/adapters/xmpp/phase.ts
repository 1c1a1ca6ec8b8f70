/**
 * The life of one connection.
 * - `connecting`: TCP and TLS.
 * - `negotiating`: stream, SASL, resource binding.
 * - `open`: stanzas go both ways.
 * - `closing`: we have sent `</stream:stream>`; the peer may still have something to say (RFC 6120 §4.4).
 * - `closed`: nothing is reported any more.
 */
export type Phase = 'connecting' | 'negotiating' | 'open' | 'closing' | 'closed';
export type PhaseEvent = 'secured' | 'bound' | 'closeAsked' | 'ended';

/** Where a cell is missing, the event is late or does not apply, and changes nothing. */
const TABLE: Readonly<Record<Phase, Partial<Record<PhaseEvent, Phase>>>> = {
  connecting: { secured: 'negotiating', closeAsked: 'closed', ended: 'closed' },
  negotiating: { bound: 'open', closeAsked: 'closed', ended: 'closed' },
  open: { closeAsked: 'closing', ended: 'closed' },
  closing: { ended: 'closed' },
  closed: {},
};

/** The next phase, or undefined when the event changes nothing. */
export const nextPhase = (phase: Phase, event: PhaseEvent): Phase | undefined => TABLE[phase][event];

/** Whether stream features and SASL are allowed. */
export const negotiates: Readonly<Record<Phase, boolean>> = {
  connecting: false,
  negotiating: true,
  open: false,
  closing: false,
  closed: false,
};

/** Whether we asked for the end, when it comes. */
export const leaves: Readonly<Record<Phase, boolean>> = {
  connecting: false,
  negotiating: false,
  open: false,
  closing: true,
  closed: false,
};

/** Whether the peer's stanzas are read and reported. */
export const hears: Readonly<Record<Phase, boolean>> = {
  connecting: false,
  negotiating: false,
  open: true,
  closing: true,
  closed: false,
};

/** Whether stanzas may be written. */
export const speaks: Readonly<Record<Phase, boolean>> = {
  connecting: false,
  negotiating: false,
  open: true,
  closing: false,
  closed: false,
};
