#!/usr/bin/env node
/** `npm run graph`: who imports whom in each folder, lowest level first; lines by folder; files that are too long. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export const ROOT = join(import.meta.dirname, '../..');

/** What runs, and what supports it. */
const PRODUCT = ['relay', 'functions', 'worker', 'ops', 'fcm-emulator'];
const SUPPORT = ['dev', 'lab', 'test'];
const LONG_LINES = 200;

/** By file, our own files that it imports, types included. Paths from the root. */
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

/** The files and subfolders of `folder`, and which of them import which. A subfolder counts as one node. */
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

/** Level 0 imports nothing, every other level only lower ones. A node in a circle, or above one, has no level. */
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

/** Lines of code by file. */
type Lines = ReadonlyMap<string, number>;

const linesOf = (graph: Graph): Lines =>
  new Map([...graph.keys()].map((file) => [file, readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1]));

const sizeOf = (lines: Lines, node: string): number =>
  [...lines].reduce((sum, [file, count]) => sum + (file === node || file.startsWith(`${node}/`) ? count : 0), 0);

/** The children of a folder by level, each with its lines and what it imports beside it. */
function levelLines(graph: Graph, lines: Lines, folder: string): readonly string[] {
  const children = childrenOf(graph, folder);
  const { levels, circular } = levelsOf(children);
  const nameOf = (node: string): string => node.slice(folder === '' ? 0 : folder.length + 1);
  const placed = levels.flatMap((nodes, level) =>
    nodes.map((node) => {
      const imported = (children.get(node) ?? []).map(nameOf).join(', ');
      return `  ${level}  ${nameOf(node)} (${sizeOf(lines, node)})${imported === '' ? '' : ` → ${imported}`}`;
    }),
  );
  const rest = circular.length === 0 ? [] : [`  in a circle or above one: ${circular.map(nameOf).join(', ')}`];
  return ['', folder === '' ? 'everything' : folder, ...placed, ...rest];
}

/** Product on the left, support on the right. */
function sizeLines(lines: Lines): readonly string[] {
  const column = (title: string, folders: readonly string[]): readonly string[] => {
    const sizes = folders.map((folder) => [folder, sizeOf(lines, folder)] as const);
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    return [[title, total] as const, ...sizes].map(([name, size]) => `${name.padEnd(14)}${String(size).padStart(7)}`);
  };
  const [product, support] = [column('product', PRODUCT), column('support', SUPPORT)];
  return ['', 'lines', ...product.map((left, row) => `  ${left}     ${support[row] ?? ''}`.trimEnd())];
}

function longFileLines(lines: Lines): readonly string[] {
  const long = [...lines].filter(([, count]) => count > LONG_LINES).sort(([, a], [, b]) => b - a);
  return ['', `${long.length} files over ${LONG_LINES} lines`, ...long.map(([file, count]) => `  ${count}  ${file}`)];
}

function report(graph: Graph): string {
  const lines = linesOf(graph);
  const folders = foldersOf(graph).filter(
    (folder) => !/^test(\/|$)/.test(folder) && childrenOf(graph, folder).size > 1,
  );
  const levels = folders.flatMap((folder) => levelLines(graph, lines, folder));
  return [...levels, ...sizeLines(lines), ...longFileLines(lines)].join('\n').trimStart();
}

if (import.meta.main) console.log(report(readGraph(ROOT)));
