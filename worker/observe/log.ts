import { logText } from '../../relay/model/log-text.ts';
import { LOG_LEVELS, type LogLevel } from '../config.ts';
import { LOG_EVENTS, type LogEvent, type LogFields } from './log-events.ts';

/** Takes one line, its line break included. */
export type WriteLine = (text: string) => void;

/** Writes the line of an event; `level` only where it is not the one in LOG_EVENTS. */
export type Log = <E extends LogEvent>(event: E, fields: LogFields[E], level?: LogLevel) => void;

/** One JSON object a line, as Cloud Logging reads it. Every string is cleaned and clipped here. */
export function openLog(minLevel: LogLevel, writeLine: WriteLine): Log {
  const minRank = LOG_LEVELS.indexOf(minLevel);
  return (event, fields, level = LOG_EVENTS[event].level) => {
    if (LOG_LEVELS.indexOf(level) < minRank) return;
    const { message } = LOG_EVENTS[event];
    const line = { severity: level.toUpperCase(), time: new Date().toISOString(), event, message, ...fields };
    writeLine(JSON.stringify(line, cleaned) + '\n');
  };
}

const cleaned = (_name: string, value: unknown): unknown => (typeof value === 'string' ? logText(value) : value);

/** One write for all lines of a turn of the event loop: at thousands of lines a second, writes cost more than lines. */
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
