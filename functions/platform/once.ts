/** Makes the thing when it is first wanted, and the same thing ever after. A failed try is forgotten. */
export function once<T>(make: () => T): () => T {
  let made: { readonly thing: T } | undefined;
  return () => (made ??= { thing: make() }).thing;
}
