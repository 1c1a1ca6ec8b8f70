import { childrenOf, foldersOf, levelsOf, readGraph, ROOT, type Graph } from '../../../dev/build/import-graph.ts';
import { importFault } from '../../../dev/build/layers.ts';

const graph = readGraph(ROOT);

test('no file is in a circle of imports', () => {
  expect(graph.size).toBeGreaterThan(500);
  expect(levelsOf(graph).circular).toEqual([]);
});

test.each(foldersOf(graph).map((folder) => [folder === '' ? '(root)' : folder, folder]))(
  'what stands in %s imports in one direction',
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

test('a circle of two files, and one of two folders without a circle of files, are found', () => {
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
