import { z } from 'zod';
import { deviceSchema, type DeviceSpec } from '../devices/devices.ts';
import { PortTaken, startFcmEmulator, type FcmEmulator, type FcmEmulatorOptions } from '../index.ts';
import { HELP, readCommandLine, type Command, type LogKind } from './command-line.ts';
import { eventLine, wireLine } from './log-lines.ts';
import { UsageError } from './option-value.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Listens in this process, not over the control API: the log lasts as long as the emulator does. */
const LISTEN: Readonly<Record<LogKind, (emulator: FcmEmulator) => unknown>> = {
  quiet: (emulator) => emulator.listenToRefusals((event) => void process.stderr.write(`${eventLine(event)}\n`)),
  pretty: (emulator) => emulator.listen((event) => print(eventLine(event))),
  wire: (emulator) => emulator.listen((event) => print(eventLine(event))),
};

const wireOf = (log: LogKind): FcmEmulatorOptions =>
  log === 'wire' ? { wire: (entry) => print(wireLine(entry, Date.now())) } : {};

function devicesOf(given: unknown): Record<string, DeviceSpec> {
  const { data, error } = z.record(z.string(), deviceSchema).safeParse(given);
  if (error !== undefined) throw new UsageError(`--devices: ${z.prettifyError(error)}`);
  return data;
}

async function run({ options, devices, log, help }: Command): Promise<void> {
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const known = devicesOf(devices);
  const emulator = await startFcmEmulator({ ...options, ...wireOf(log) });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void emulator.close().then(() => process.exit(0)));
  if (Object.keys(known).length > 0) await emulator.control.devices.putAll(known);
  print(`ready ccs=${emulator.host}:${emulator.port} control=${emulator.controlUrl} ca=${emulator.caPath}`);
  LISTEN[log](emulator);
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nSee --help.`;
  if (error instanceof PortTaken) return error.message;
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs the command line; a failure is printed and ends the process. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await run(readCommandLine(args));
  } catch (error) {
    process.stderr.write(`fcm-emulator: ${explain(error)}\n`);
    process.exit(1);
  }
}
