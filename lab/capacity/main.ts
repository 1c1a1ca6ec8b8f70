#!/usr/bin/env node
/** `npm run capacity`: what a load needs, and what it costs. */
import { capacityOptions, HELP } from './options.ts';
import { planOf } from './plan.ts';
import { reportOf } from './report.ts';
import { sizesOf } from './sizes.ts';

try {
  const options = capacityOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else {
    const { inputs, json } = options;
    const plan = planOf(inputs, sizesOf(inputs.payloadBytes));
    console.log(json ? JSON.stringify({ inputs, plan }, null, 2) : reportOf(inputs, plan));
  }
} catch (error) {
  const usage = error instanceof RangeError || (error instanceof TypeError && 'code' in error);
  console.error(error instanceof Error ? error.message : error);
  if (usage) console.error('See npm run capacity -- --help');
  process.exitCode = usage ? 2 : 1;
}
