#!/usr/bin/env node
/**
 * `npm run capacity:docs`: prints the worked examples and the tables of docs/performance.md anew. A test fails while
 * they are not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leversOf, planFor } from './levers.ts';
import { capacityOptions } from './options.ts';
import { PRICES } from './prices.ts';
import { reportOf } from './report.ts';

export const PERFORMANCE = join(import.meta.dirname, '../../docs/performance.md');

const BLOCK = /<!-- capacity: (.+) -->\n[^]*?<!-- \/capacity -->/g;

/** The document with every block between `<!-- capacity: … -->` and `<!-- /capacity -->` printed from what it names. */
export const withExamples = (text: string): string =>
  text.replace(BLOCK, (_, what: string) => `<!-- capacity: ${what} -->\n${blockOf(what)}\n<!-- /capacity -->`);

const blockOf = (what: string): string => (what === 'prices' ? priceTable() : `\`\`\`\n${printed(what)}\n\`\`\``);

function printed(line: string): string {
  const options = capacityOptions(line.split(' '));
  if (options === undefined) throw new RangeError(`"${line}" asks for help only`);
  return reportOf(options.inputs, planFor(options.inputs), leversOf(options.inputs));
}

const priceTable = (): string =>
  ['| option | USD | per | page | what we have seen of it |', '|---|---|---|---|---|']
    .concat(
      Object.values(PRICES).map(
        ({ option, usd, per, source, seen }) => `| \`--${option}\` | ${usd} | ${per} | ${source} | ${seen} |`,
      ),
    )
    .join('\n');

if (import.meta.main) writeFileSync(PERFORMANCE, withExamples(readFileSync(PERFORMANCE, 'utf8')));
