#!/usr/bin/env node
/** Prints the relay's state machines into docs/state-machines.md, between its markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONNECTION_TABLE } from '../../relay/machine/links/connection.ts';
import { DELIVERY_TABLE } from '../../relay/machine/delivery/delivery-table.ts';
import { DOCUMENT_TABLE } from '../../relay/machine/delivery/document.ts';

export const DIAGRAMS = join(import.meta.dirname, '../../docs/state-machines.md');

type AnyTable = Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>;

/** A mermaid state diagram: one arrow per pair of states, labelled with all of its events. */
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

/** The text with the diagrams of the current tables. @throws Error when a marker is missing */
export function withDiagrams(text: string): string {
  const diagrams: Readonly<Record<string, string>> = {
    delivery: diagramOf(DELIVERY_TABLE, 'held'),
    document: diagramOf(DOCUMENT_TABLE, 'unread'),
    connection: diagramOf(CONNECTION_TABLE, 'connecting'),
  };
  return Object.entries(diagrams).reduce((current, [name, diagram]) => {
    const [begin, end] = [`<!-- ${name}: npm run diagrams -->`, `<!-- /${name} -->`];
    const [from, to] = [current.indexOf(begin), current.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/state-machines.md lacks the markers ${begin} … ${end}`);
    return `${current.slice(0, from + begin.length)}\n\n${diagram}\n\n${current.slice(to)}`;
  }, text);
}

if (import.meta.main) writeFileSync(DIAGRAMS, withDiagrams(readFileSync(DIAGRAMS, 'utf8')));
