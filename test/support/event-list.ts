interface Spec {
  readonly level: string;
  readonly levelNote?: string;
  readonly message: string;
  readonly action?: string;
}

/** A table of log events as docs/operations.md lists it, without line breaks inside an entry. */
export const eventList = (events: Readonly<Record<string, Spec>>): readonly string[] =>
  Object.entries(events).map(([event, { level, levelNote, message, action }]) => {
    const levels = `${level.toUpperCase()}${levelNote === undefined ? '' : ` (${levelNote})`}`;
    return `- \`${event}\`, ${levels}: "${message}"${action === undefined ? '' : `. ${action}`}`;
  });

/** The entries between the markers of the list `name`, unwrapped. */
export function documentedEvents(markdown: string, name: string): readonly string[] {
  const list = new RegExp(`<!-- ${name} log events -->([^]*?)<!-- /${name} log events -->`).exec(markdown)?.[1] ?? '';
  return list
    .trim()
    .split(/\n(?=- )/)
    .map((entry) => entry.replace(/\s+/g, ' '));
}
