import type { Command, HelpRow } from './parse.ts';

const COLUMNS = 100;
const INDENT = 2;
const TERM_AT_MOST = 24; // a longer one gets a line of its own

/** What `--help` prints. */
export function usageText(command: Command): string {
  const { name, about, positionals, notes = '' } = command;
  const tables = tablesOf(command);
  const terms = tables.flatMap(([, rows]) => rows.map(([term]) => term.length));
  const width = Math.max(...terms.filter((length) => length <= TERM_AT_MOST));
  return [
    wrapped(about, COLUMNS),
    `Usage: ${name} ${positionals === undefined ? '' : `${positionals.usage} `}[options]`,
    ...tables.map(([heading, rows]) => (heading === '' ? '' : `${heading}:\n`) + table(rows, width)),
    ...notes.split(/\n\s*\n/).map((paragraph) => wrapped(paragraph, COLUMNS)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** In the order of the text, each with its heading, if it has one. */
function tablesOf({ positionals, options, tables = {} }: Command): readonly (readonly [string, readonly HelpRow[]])[] {
  const groups = Object.groupBy(Object.entries(options), ([, { group }]) => group ?? '');
  const { '': others = [], ...headed } = groups;
  const rowOf = ([option, { placeholder, help, defaultText }]: (typeof others)[number]): HelpRow => [
    `--${option}${placeholder === undefined ? '' : ` ${placeholder}`}`,
    defaultText === undefined ? help : `${help} (default: ${defaultText})`,
  ];
  return [
    ...(positionals === undefined ? [] : [['', positionals.help] as const]),
    ...Object.entries(headed).map(([group, its = []]) => [group, its.map(rowOf)] as const),
    ['', [...others.map(rowOf), ['--help', 'print this text']]] as const,
    ...Object.entries(tables),
  ];
}

function table(rows: readonly HelpRow[], width: number): string {
  const indent = ' '.repeat(INDENT + width + 2);
  return rows
    .map(([term, help]) => {
      const text = wrapped(help, COLUMNS - indent.length).replaceAll('\n', `\n${indent}`);
      const head = ' '.repeat(INDENT) + term.padEnd(width + 2);
      return term.length > width ? `${head.trimEnd()}\n${indent}${text}` : head + text;
    })
    .join('\n');
}

/** Breaks lines between words. White space in the text, line breaks included, counts as one space. */
function wrapped(text: string, columns: number): string {
  let line = '';
  const lines: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
