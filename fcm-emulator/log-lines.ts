import type { TimedEvent } from './client.ts';
import type { WireEntry } from './net/wire-log.ts';

const ARROWS = { in: '>', out: '<' } as const; // as the app server's side sees it: > sent by it, < sent to it
// Clients and remote callers choose texts: nothing of them moves the cursor or begins a line.
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
