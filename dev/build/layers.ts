import { dirname, join, relative, sep } from 'node:path';
import type { Rule } from 'eslint';

interface Layer {
  /** Our folders or files that it may import, besides itself. */
  readonly may: readonly string[];
  /** Packages and Node modules that it may import; absent: any. */
  readonly packages?: RegExp;
}

/** Only the adapters import SDKs; entry points get at them through the adapters. */
const NO_SDK = /^(?!@google-cloud\/|@xmpp\/)/;

/**
 * Who may import what (docs/design.md §10). The first folder that contains a file decides. What runs comes first and
 * imports nothing from `dev`, `lab` or `test`. The core is pure; hashing is (`node:crypto`).
 */
export const LAYERS: Readonly<Record<string, Layer>> = {
  'relay/protocol': { may: [], packages: /^zod$/ },
  'relay/model': { may: ['relay/protocol'], packages: /^node:crypto$/ },
  'relay/machine': { may: ['relay/model', 'relay/protocol'], packages: /^$/ },
  'relay/service': { may: ['relay/model', 'relay/protocol'], packages: /^node:crypto$/ },
  'relay/adapters': { may: ['relay/model', 'relay/protocol'] },
  functions: { may: ['relay/adapters', 'relay/service', 'relay/model', 'relay/protocol'], packages: NO_SDK },
  worker: {
    may: ['relay/adapters', 'relay/machine', 'relay/service', 'relay/model', 'relay/protocol'],
    packages: NO_SDK,
  },
  ops: { may: ['relay/adapters', 'relay/service', 'relay/model', 'relay/protocol'] },
  'fcm-emulator': { may: [] },
  dev: { may: ['fcm-emulator', 'ops', 'worker', 'functions', 'relay'] },
  'lab/simulation': { may: ['worker/pump.ts', 'relay', 'ops/cli'] }, // the pump, and nothing that does I/O
  lab: { may: ['dev', 'fcm-emulator', 'ops', 'worker', 'functions', 'relay'] },
  test: { may: ['lab', 'dev', 'fcm-emulator', 'ops', 'worker', 'functions', 'relay'] },
};

/**
 * Why an import is not allowed; `undefined` if it is.
 * @param file the importing file, from the root
 * @param specifier as written
 */
export function importFault(file: string, specifier: string): string | undefined {
  const [folder, layer] = Object.entries(LAYERS).find(([name]) => isIn(file, name)) ?? [];
  if (folder === undefined || layer === undefined) return undefined;
  if (!specifier.startsWith('.')) {
    return layer.packages?.test(specifier) === false ? `${folder} must not import the package ${specifier}` : undefined;
  }
  const imported = join(dirname(file), specifier).split(sep).join('/');
  if ([folder, ...layer.may].some((name) => isIn(imported, name))) return undefined;
  return `${folder} must not import ${imported}`;
}

const isIn = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);

/** The same, as an ESLint rule. */
export const layersRule: Rule.RuleModule = {
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    const check = (node: Rule.Node, specifier: unknown): void => {
      const fault = typeof specifier === 'string' ? importFault(file, specifier) : undefined;
      if (fault !== undefined) context.report({ node, message: `${fault} (dev/build/layers.ts)` });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value),
      ExportNamedDeclaration: (node) => check(node, node.source?.value),
      ExportAllDeclaration: (node) => check(node, node.source.value),
    };
  },
};
