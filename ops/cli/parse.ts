import { parseArgs } from 'node:util';
import { UsageError, type Option } from './option.ts';

export type Options = Readonly<Record<string, Option<unknown>>>;

export type Values<O extends Options> = { readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never };

export type HelpRow = readonly [term: string, help: string];

/** A command, as data. */
export interface Command<O extends Options = Options> {
  /** As it is typed: `npm run chaos --`. */
  readonly name: string;
  /** What it does, in a sentence or a few. */
  readonly about: string;
  /** What comes before the options: `list|show|replay|drop [LETTER]`. Without it, only options are understood. */
  readonly positionals?: { readonly usage: string; readonly help: readonly HelpRow[] };
  readonly options: O;
  /** Further tables of the usage text, by their headings. */
  readonly tables?: Readonly<Record<string, readonly HelpRow[]>>;
  /** Paragraphs at the end of the usage text. */
  readonly notes?: string;
}

export interface Parsed<O extends Options> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
}

/** `undefined`: the user asks for help. @throws UsageError that names every mistake */
export function parseCommandLine<O extends Options>(
  command: Command<O>,
  args: readonly string[],
): Parsed<O> | undefined {
  const { values: given, positionals } = tokens(command, args);
  if (given['help'] === true) return undefined;
  const mistakes: string[] = [];
  const values = Object.entries(command.options).map(([name, option]) => {
    const value = given[name];
    try {
      return [name, option.read(value === true ? '' : value, `--${name}`)];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      mistakes.push(error.message);
      return [name, undefined];
    }
  });
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  return { values: Object.fromEntries(values) as Values<O>, positionals };
}

type Given = Readonly<Record<string, string | true | undefined>>;

function tokens({ options, positionals }: Command, args: readonly string[]): { values: Given; positionals: string[] } {
  const types = Object.entries(options).map(
    ([name, { placeholder }]) => [name, { type: placeholder === undefined ? 'boolean' : 'string' }] as const,
  );
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(types), help: { type: 'boolean' } },
      allowPositionals: positionals !== undefined,
    });
    return { values: parsed.values as Given, positionals: parsed.positionals };
  } catch (error) {
    throw usageError(error);
  }
}

/** What parseArgs found wrong, in one line. */
function usageError(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const [, name = ''] = /'(.+?)(?: <value>)?'/.exec(message) ?? [];
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return new UsageError(`unknown option ${name}`);
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return new UsageError(`unexpected argument "${name}"`);
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return new UsageError(message.includes('does not take') ? `${name} takes no value` : `${name} needs a value`);
    default:
      return error;
  }
}
