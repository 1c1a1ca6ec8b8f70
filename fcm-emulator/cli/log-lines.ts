import type { TimedEvent } from '../history/events.ts';
import type { WireEntry } from '../history/wire-entry.ts';

const ARROWS = { in: '>', out: '<' } as const; // > from the app server, < to it
/** Clients and API callers choose these texts: they must not move the cursor or start a line. */
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g;

const MAX_VALUE_LENGTH = 300;

function shown(value: string | number): string {
  const text = String(value);
  const clipped = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
  return /\s/.test(clipped) ? JSON.stringify(clipped) : clipped;
}

const safe = (text: string): string =>
  text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
const time = (at: number): string => new Date(at).toISOString();

export const eventLine = ({ at, type, ...rest }: TimedEvent): string =>
  safe(
    `${time(at)} ${type} ${Object.entries(rest)
      .map(([name, value]) => `${name}=${shown(value)}`)
      .join(' ')}`,
  );

export const wireLine = ({ connection, way, text }: WireEntry, at: number): string =>
  safe(`${time(at)} ${connection} ${ARROWS[way]} ${text}`);
