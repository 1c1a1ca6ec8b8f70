/**
 * A message with time_to_live 0 is "now or never" for the device. The relay gives itself this long to hand it over,
 * where a strict zero would let none of them through.
 */
export const NOW_OR_NEVER_MS = 2_000;

export const endOfLifeMs = (acceptedAtMs: number, timeToLiveSeconds: number): number =>
  acceptedAtMs + (timeToLiveSeconds === 0 ? NOW_OR_NEVER_MS : timeToLiveSeconds * 1_000);
