/**
 * Acts when what runs now is done, and what that has put off to its end: a connection that ends tells so at the end of
 * the chunk that ended it.
 */
export const soon = (act: () => void): void => queueMicrotask(() => queueMicrotask(act));
