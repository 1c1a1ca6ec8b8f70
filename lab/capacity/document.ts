#!/usr/bin/env node
/** `npm run capacity:docs`: prints the generated blocks of docs/capacity.md. A test fails if they are not current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRICES } from './costs.ts';
import { capacityOptions } from './options.ts';
import { planOf } from './plan.ts';
import { reportOf } from './report.ts';
import { sizesOf } from './sizes.ts';

export const CAPACITY = join(import.meta.dirname, '../../docs/capacity.md');

const BLOCK = /<!-- capacity: (.+) -->\n[^]*?<!-- \/capacity -->/g;

/** `text` with every block `<!-- capacity: … -->` … `<!-- /capacity -->` printed from what it names. */
export const withExamples = (text: string): string =>
  text.replace(BLOCK, (_, what: string) => `<!-- capacity: ${what} -->\n\n${blockOf(what)}\n\n<!-- /capacity -->`);

const blockOf = (what: string): string => (what === 'prices' ? priceTable() : `\`\`\`\n${example(what)}\n\`\`\``);

function example(line: string): string {
  const options = capacityOptions(line.split(' '));
  if (options === undefined) throw new RangeError(`"${line}" only asks for help`);
  return reportOf(options.inputs, planOf(options.inputs, sizesOf(options.inputs.payloadBytes)));
}

/** Wrapped, since Prettier would align the columns. */
const priceTable = (): string =>
  [
    '<!-- prettier-ignore-start -->',
    '| USD | per | seen |',
    '|---|---|---|',
    ...Object.values(PRICES).map(({ usd, per, seen }) => `| ${usd} | ${per} | ${seen} |`),
    '<!-- prettier-ignore-end -->',
  ].join('\n');

if (import.meta.main) writeFileSync(CAPACITY, withExamples(readFileSync(CAPACITY, 'utf8')));
