#!/usr/bin/env node
/** `npm run capacity`: what a load needs, and what it costs. */
import { runCommand } from '../../ops/cli/run-command.ts';
import { COMMAND, optionsOf } from './options.ts';
import { planOf } from './plan.ts';
import { reportOf } from './report.ts';
import { sizesOf } from './sizes.ts';

process.exitCode = await runCommand(COMMAND, ({ values }) => {
  const { inputs, json } = optionsOf(values);
  const plan = planOf(inputs, sizesOf(inputs.payloadBytes));
  console.log(json ? JSON.stringify({ inputs, plan }, null, 2) : reportOf(inputs, plan));
  return Promise.resolve(0);
});
