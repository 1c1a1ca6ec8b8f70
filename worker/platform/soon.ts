/**
 * Runs `act` after the current task and the microtasks it deferred to its end: a connection reports its end after the
 * chunk that ended it.
 */
export const soon = (act: () => void): void => queueMicrotask(() => queueMicrotask(act));
