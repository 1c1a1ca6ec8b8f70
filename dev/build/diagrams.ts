#!/usr/bin/env node
/** Prints the state machines of relay/core into ARCHITECTURE.md, between its markers. A test keeps them current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONNECTION_TABLE } from '../../relay/machine/links/connection.ts';
import { DELIVERY_TABLE } from '../../relay/machine/delivery/delivery.ts';

export const ARCHITECTURE = join(import.meta.dirname, '../../ARCHITECTURE.md');

type AnyTable = Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>;

/** A mermaid state diagram: one arrow for each pair of states, with all of its events. */
export function diagramOf(table: AnyTable, start: string): string {
  const arrows = new Map<string, string[]>();
  for (const [from, cells] of Object.entries(table)) {
    for (const [event, to] of Object.entries(cells)) {
      const pair = `${from} --> ${to ?? ''}`;
      arrows.set(pair, [...(arrows.get(pair) ?? []), event]);
    }
  }
  const lines = [...arrows].map(([pair, events]) => `  ${pair} : ${events.join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${start}`, ...lines, '```'].join('\n');
}

/** The text with its diagrams as the tables are now. @throws Error when a marker is missing */
export function withDiagrams(text: string): string {
  const diagrams: Readonly<Record<string, string>> = {
    delivery: diagramOf(DELIVERY_TABLE, 'held'),
    connection: diagramOf(CONNECTION_TABLE, 'connecting'),
  };
  return Object.entries(diagrams).reduce((current, [name, diagram]) => {
    const [begin, end] = [`<!-- ${name}: npm run diagrams -->`, `<!-- /${name} -->`];
    const [from, to] = [current.indexOf(begin), current.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`ARCHITECTURE.md has no marker ${begin} … ${end}`);
    return `${current.slice(0, from + begin.length)}\n\n${diagram}\n\n${current.slice(to)}`;
  }, text);
}

if (import.meta.main) writeFileSync(ARCHITECTURE, withDiagrams(readFileSync(ARCHITECTURE, 'utf8')));
