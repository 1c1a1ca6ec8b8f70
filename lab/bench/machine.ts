import { cpus, loadavg, totalmem } from 'node:os';

const GB = 1_073_741_824;

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly node: string;
  /** Before the run: what else is at work on the machine. */
  readonly load1: number;
}

export const machine = (): Machine => ({
  cores: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / GB),
  node: process.version,
  load1: Number((loadavg()[0] ?? 0).toFixed(2)),
});

export const machineLine = ({ cores, model, memoryGb, node, load1 }: Machine): string =>
  `${cores} cores (${model}), ${memoryGb} GB, Node ${node}; load before the run ${load1}`;

/** Of all cores together, in ms since the machine started. */
export function coreTimes(): { readonly busyMs: number; readonly allMs: number } {
  let [busyMs, allMs] = [0, 0];
  for (const {
    times: { idle, user, nice, sys, irq },
  } of cpus()) {
    busyMs += user + nice + sys + irq;
    allMs += idle + user + nice + sys + irq;
  }
  return { busyMs, allMs };
}
