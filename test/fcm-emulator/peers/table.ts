import { COLUMNS, PEERS, type Column, type PeerSpec } from './peers.ts';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** ✓: tested by compatibility.test.ts; a number: a limit of the client, explained below the table. */
export function compatibilityTable(): string {
  const notes: string[] = [];
  const cell = ({ name, limits }: PeerSpec, column: Column): string => {
    const limit = limits[column];
    if (limit === undefined) return '✓';
    notes.push(`${notes.length + 1}. ${name}, ${column}: ${limit}.`);
    return `(${notes.length})`;
  };
  const rows = PEERS.map((peer) =>
    row([`${peer.from} \`${peer.name}\``, peer.language, peer.login, ...COLUMNS.map((column) => cell(peer, column))]),
  );
  const head = [
    row(['client', 'language', 'authcid', ...COLUMNS]),
    row(Array.from({ length: COLUMNS.length + 3 }, () => '---')),
  ];
  return [...head, ...rows, '', ...notes].join('\n');
}
