/** Creates the value on first use and keeps it. A failed attempt is forgotten. */
export function once<T>(make: () => T): () => T {
  let made: { readonly thing: T } | undefined;
  return () => (made ??= { thing: make() }).thing;
}
