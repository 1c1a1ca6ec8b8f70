import { z } from 'zod';
import { HELP, readCommandLine, UsageError, type Command } from './command-line.ts';
import { PortTaken, startCcsEmulator } from './index.ts';
import { deviceSchema } from './ccs/devices.ts';
import type { TimedEvent } from './client.ts';

const pretty = ({ at, type, ...rest }: TimedEvent): string => `${new Date(at).toISOString()} ${type} ${Object.entries(rest).map(([name, value]) => `${name}=${value}`).join(' ')}`;

async function run({ options, devices, pretty: loud, help }: Command): Promise<void> {
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const known = z.record(z.string(), deviceSchema).parse(devices);
  const emulator = await startCcsEmulator(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void emulator.close().then(() => process.exit(0)));
  if (Object.keys(known).length > 0) await emulator.control.devices.putAll(known);
  process.stdout.write(`ready ccs=${emulator.host}:${emulator.port} control=${emulator.controlUrl} ca=${emulator.caPath}\n`);
  if (loud) for await (const event of emulator.control.events()) process.stdout.write(`${pretty(event)}\n`);
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nSee --help.`;
  if (error instanceof PortTaken) return error.message;
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** The command, from its arguments to its end. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await run(readCommandLine(args));
  } catch (error) {
    process.stderr.write(`ccs-emulator: ${explain(error)}\n`);
    process.exit(1);
  }
}
