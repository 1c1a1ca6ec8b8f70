import type { ServerResponse } from 'node:http';
import type { Events } from '../devices/events.ts';
import type { Schedule } from '../time/schedule.ts';

const MAX_BEHIND_BYTES = 16 * 1_024 * 1_024; // a reader that slow is let go, rather than kept in memory

export interface EventSource {
  readonly events: Events;
  readonly schedule: Schedule;
  /** So often a comment goes out: HTTP libraries give up on a body that says nothing for some minutes. */
  readonly heartbeatMs: number;
}

/** Server-sent events: one `data:` line of JSON each; comments, which begin with a colon, say only that we are here. */
export function serveEvents({ events, schedule, heartbeatMs }: EventSource, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const write = (text: string): void => {
    if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
    else response.write(text);
  };
  let callOff = (): void => undefined;
  const beat = (): void => {
    callOff = schedule.after(heartbeatMs, () => {
      write(': still here\n\n');
      beat();
    });
  };
  const stop = events.listen((event) => write(`data: ${JSON.stringify(event)}\n\n`));
  response.once('close', () => {
    stop();
    callOff();
  });
  write(': listening\n\n');
  beat();
}
