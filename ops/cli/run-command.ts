import { UsageError } from './option.ts';
import { parseCommandLine, type Command, type Options, type Parsed } from './parse.ts';
import { usageText } from './usage.ts';

const MISTAKE = 2;

/**
 * Parses the command line, prints help or the mistake, or else runs the command.
 *
 * @param run may throw UsageError as well
 * @returns the exit code: 0 after help, 2 after a mistake in the command line, else what `run` says
 */
export async function runCommand<O extends Options>(
  command: Command<O>,
  run: (parsed: Parsed<O>) => Promise<number>,
): Promise<number> {
  try {
    const parsed = parseCommandLine(command, process.argv.slice(2));
    if (parsed !== undefined) return await run(parsed);
    console.log(usageText(command));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nSee ${command.name} --help`);
    return MISTAKE;
  }
}
