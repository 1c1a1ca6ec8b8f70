import { logText } from '../../relay/model/log-text.ts';
import { LOG_LEVELS, type LogLevel } from '../config.ts';

type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes a line; several lines of one turn of the event loop leave in one write. */
export type WriteLine = (text: string) => void;

/**
 * Structured logs as Cloud Logging reads them: one JSON object a line, with `severity`, `time` and `message`.
 * Never a token, a key or a payload: callers pass ids, codes and numbers. Every string is cleaned and clipped here.
 */
export class Log {
  readonly #least: number;
  readonly #write: WriteLine;

  constructor(level: LogLevel, write: WriteLine) {
    this.#least = LOG_LEVELS.indexOf(level);
    this.#write = write;
  }

  debug(message: string, fields: Fields = {}): void {
    this.#line('debug', message, fields);
  }

  info(message: string, fields: Fields = {}): void {
    this.#line('info', message, fields);
  }

  warning(message: string, fields: Fields = {}): void {
    this.#line('warning', message, fields);
  }

  error(message: string, fields: Fields = {}): void {
    this.#line('error', message, fields);
  }

  #line(level: LogLevel, message: string, fields: Fields): void {
    if (LOG_LEVELS.indexOf(level) < this.#least) return;
    const line = { severity: level.toUpperCase(), time: new Date().toISOString(), message, ...fields };
    this.#write(JSON.stringify(line, cleaned) + '\n');
  }
}

const cleaned = (_name: string, value: unknown): unknown => (typeof value === 'string' ? logText(value) : value);

/**
 * Gathers what one turn of the event loop writes: at thousands of lines a second each write of its own would cost more
 * than the line.
 */
export function gathered(stream: { write(text: string): unknown }): WriteLine {
  let waiting = '';
  const flush = (): void => {
    stream.write(waiting);
    waiting = '';
  };
  return (text) => {
    if (waiting === '') setImmediate(flush);
    waiting += text;
  };
}
