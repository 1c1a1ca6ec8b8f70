import { childrenOf, foldersOf, levelsOf, readGraph, ROOT, type Graph } from '../../../dev/build/import-graph.ts';
import { importFault } from '../../../dev/build/layers.ts';

const graph = readGraph(ROOT);

test('no import circle of files', () => {
  expect(graph.size).toBeGreaterThan(500);
  expect(levelsOf(graph).circular).toEqual([]);
});

test.each(foldersOf(graph).map((folder) => [folder === '' ? '(root)' : folder, folder]))(
  'the children of %s import one another in one direction',
  (_name, folder) => {
    expect(levelsOf(childrenOf(graph, folder)).circular).toEqual([]);
  },
);

test('every import keeps to the layers', () => {
  const faults = [...graph].flatMap(([file, imported]) =>
    imported
      .map((name) => importFault(file, `${'../'.repeat(file.split('/').length - 1)}${name}`))
      .filter((fault) => fault !== undefined),
  );
  expect(faults).toEqual([]);
});

test('finds a circle of files, and a circle of folders without one of files', () => {
  const files: Graph = new Map([
    ['a/x.ts', ['b/y.ts']],
    ['b/y.ts', ['a/x.ts']],
  ]);
  expect(levelsOf(files).circular).toEqual(['a/x.ts', 'b/y.ts']);
  const folders: Graph = new Map([
    ['a/x.ts', ['b/y.ts']],
    ['b/y.ts', []],
    ['b/z.ts', ['a/w.ts']],
    ['a/w.ts', []],
  ]);
  expect(levelsOf(folders).circular).toEqual([]);
  expect(levelsOf(childrenOf(folders, '')).circular).toEqual(['a', 'b']);
});
