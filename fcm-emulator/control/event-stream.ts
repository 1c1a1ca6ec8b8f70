import type { ServerResponse } from 'node:http';
import type { Events } from '../history/events.ts';
import type { Schedule } from '../time/schedule.ts';

const MAX_BEHIND_BYTES = 16 * 1_024 * 1_024; // a slower reader is disconnected, rather than buffered for

export interface EventSource {
  readonly events: Events;
  readonly schedule: Schedule;
  /** Interval of comments: HTTP libraries give up on a body that is silent for some minutes. */
  readonly heartbeatMs: number;
}

/** Server-sent events: one `data:` line of JSON each, and comments, which start with a colon, as heartbeat. */
export function serveEvents({ events, schedule, heartbeatMs }: EventSource, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const write = (text: string): void => {
    if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
    else response.write(text);
  };
  let cancel = (): void => undefined;
  const beat = (): void => {
    cancel = schedule.after(heartbeatMs, () => {
      write(': still here\n\n');
      beat();
    });
  };
  const stop = events.listen((event) => write(`data: ${JSON.stringify(event)}\n\n`));
  response.once('close', () => {
    stop();
    cancel();
  });
  write(': listening\n\n');
  beat();
}
