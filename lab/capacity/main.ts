#!/usr/bin/env node
/** `npm run capacity`: what a load takes, and what it costs. */
import { leversOf, planFor } from './levers.ts';
import { capacityOptions, HELP } from './options.ts';
import { reportOf } from './report.ts';

try {
  const options = capacityOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else {
    const { inputs, json } = options;
    const [plan, levers] = [planFor(inputs), leversOf(inputs)];
    console.log(json ? JSON.stringify({ inputs, plan, levers }, null, 2) : reportOf(inputs, plan, levers));
  }
} catch (error) {
  const usage = error instanceof RangeError || (error instanceof TypeError && 'code' in error);
  console.error(error instanceof Error ? error.message : error);
  if (usage) console.error('See npm run capacity -- --help');
  process.exitCode = usage ? 2 : 1;
}
