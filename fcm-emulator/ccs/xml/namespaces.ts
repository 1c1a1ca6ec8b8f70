import type { Element } from './element.ts';
import type { Tag } from './tags.ts';
import { XmlError } from './xml-error.ts';

/** The namespace prefixes declared on an element, and those in force around it. */
export interface Scope {
  readonly prefixes: Readonly<Record<string, string>>;
  readonly outer: Scope | undefined;
}

export const XML_SCOPE: Scope = { prefixes: { xml: 'http://www.w3.org/XML/1998/namespace' }, outer: undefined };

export function scopeOf(tag: Tag, outer: Scope): Scope {
  let prefixes: Record<string, string> | undefined;
  for (const key in tag.attributes) {
    if (key !== 'xmlns' && !key.startsWith('xmlns:')) continue;
    prefixes ??= {};
    prefixes[key.slice('xmlns:'.length)] = tag.attributes[key] ?? '';
  }
  return prefixes === undefined ? outer : { prefixes, outer };
}

function resolve(prefix: string, scope: Scope): string {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const found = Object.hasOwn(at.prefixes, prefix) ? at.prefixes[prefix] : undefined;
    if (found !== undefined) return found;
  }
  if (prefix === '') return '';
  throw new XmlError('bad-namespace-prefix', `the prefix ${prefix} is not declared`);
}

/** The element that a start tag opens, its namespace resolved. */
export function elementOf({ name, attributes }: Tag, scope: Scope): Element {
  const colon = name.indexOf(':');
  const local = colon < 0 ? name : name.slice(colon + 1);
  const namespace = resolve(colon < 0 ? '' : name.slice(0, colon), scope);
  for (const key in attributes) {
    const at = key.indexOf(':');
    if (at > 0 && !key.startsWith('xmlns:')) resolve(key.slice(0, at), scope);
  }
  return { name, local, namespace, attributes, elements: [], text: '' };
}
