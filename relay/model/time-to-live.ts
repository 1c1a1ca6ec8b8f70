/**
 * time_to_live 0 means "now or never" for the device. The relay allows itself this long to hand it over; a strict zero
 * would let none through.
 */
export const NOW_OR_NEVER_MS = 2_000;

export const endOfLifeMs = (acceptedAtMs: number, timeToLiveSeconds: number): number =>
  acceptedAtMs + (timeToLiveSeconds === 0 ? NOW_OR_NEVER_MS : timeToLiveSeconds * 1_000);
