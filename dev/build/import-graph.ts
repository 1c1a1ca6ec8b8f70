#!/usr/bin/env node
/** `npm run graph`: what imports what, by folder, lowest level first; how large each is; and which files are long. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export const ROOT = join(import.meta.dirname, '../..');

/** What runs; the rest supports it. */
const PRODUCT = ['relay', 'functions', 'worker', 'ops', 'fcm-emulator'];
const SUPPORT = ['dev', 'lab', 'test'];
const LONG_LINES = 200;

/** Of each file the files of ours that it imports, types included. Paths from the root. */
export type Graph = ReadonlyMap<string, readonly string[]>;

export function readGraph(root: string): Graph {
  const files = globSync(`{${[...PRODUCT, ...SUPPORT].join(',')}}/**/*.ts`, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|out)(\/|$)/.test(path),
  });
  return new Map(files.sort().map((file) => [file, importsOf(root, file)]));
}

function importsOf(root: string, file: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  const ours = importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.') && name.endsWith('.ts'));
  return [...new Set(ours.map((name) => join(dirname(file), name)))];
}

/**
 * What stands directly in `folder`, files and subfolders, and which of them import which others: all of a subfolder
 * counts as one.
 */
export function childrenOf(graph: Graph, folder: string): Graph {
  const prefix = folder === '' ? '' : `${folder}/`;
  const childOf = (file: string): string => prefix + (file.slice(prefix.length).split('/')[0] ?? '');
  const children = new Map<string, Set<string>>();
  for (const [file, imported] of graph) {
    if (!file.startsWith(prefix)) continue;
    const child = childOf(file);
    const others = imported
      .filter((name) => name.startsWith(prefix))
      .map(childOf)
      .filter((name) => name !== child);
    children.set(child, new Set([...(children.get(child) ?? []), ...others]));
  }
  return new Map([...children].map(([child, others]) => [child, [...others].sort()]));
}

export const foldersOf = (graph: Graph): readonly string[] =>
  [...new Set(['', ...[...graph.keys()].flatMap((file) => ancestors(dirname(file)))])].sort();

const ancestors = (folder: string): string[] => (folder === '.' ? [] : [...ancestors(dirname(folder)), folder]);

/** Level 0 imports nothing, each other one only what is below it. What is in a circle, or above one, has no level. */
export function levelsOf(graph: Graph): {
  readonly levels: readonly (readonly string[])[];
  readonly circular: readonly string[];
} {
  const placed = new Set<string>();
  const levels: string[][] = [];
  for (;;) {
    const next = [...graph].filter(
      ([node, imported]) => !placed.has(node) && imported.every((name) => placed.has(name) || !graph.has(name)),
    );
    if (next.length === 0) break;
    levels.push(next.map(([node]) => node));
    for (const [node] of next) placed.add(node);
  }
  return { levels, circular: [...graph.keys()].filter((node) => !placed.has(node)) };
}

function print(): void {
  const graph = readGraph(ROOT);
  const lines = new Map(
    [...graph.keys()].map((file) => [file, readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1]),
  );
  const size = (node: string): number =>
    [...lines].reduce((sum, [file, count]) => sum + (file === node || file.startsWith(`${node}/`) ? count : 0), 0);
  const show = (folder: string): void => {
    const children = childrenOf(graph, folder);
    const { levels, circular } = levelsOf(children);
    console.log(`\n${folder === '' ? 'all' : folder}`);
    for (const [level, nodes] of levels.entries()) {
      for (const node of nodes) {
        const imported = children.get(node) ?? [];
        console.log(`  ${level}  ${node} (${size(node)})${imported.length > 0 ? ` → ${imported.join(', ')}` : ''}`);
      }
    }
    if (circular.length > 0) console.log(`  in a circle, or above one: ${circular.join(', ')}`);
  };
  [
    '',
    'relay',
    'relay/protocol',
    'relay/machine',
    'relay/service',
    'relay/adapters',
    'functions',
    'worker',
    'fcm-emulator',
    'dev',
    'lab',
  ].forEach(show);
  const total = (folders: readonly string[]): number => folders.reduce((sum, folder) => sum + size(folder), 0);
  console.log(`\nproduct ${total(PRODUCT)} lines, support ${total(['dev', 'lab'])}, tests ${size('test')}`);
  const long = [...lines].filter(([, count]) => count > LONG_LINES).sort(([, a], [, b]) => b - a);
  console.log(`over ${LONG_LINES} lines:\n${long.map(([file, count]) => `  ${count} ${file}`).join('\n')}`);
}

if (import.meta.main) print();
