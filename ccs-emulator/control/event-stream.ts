import type { ServerResponse } from 'node:http';
import type { Events } from '../ccs/events.ts';

const MAX_BEHIND_BYTES = 16 * 1_024 * 1_024; // a reader that slow is let go, rather than kept in memory

/** Server-sent events: one `data:` line of JSON each. */
export function serveEvents(events: Events, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': listening\n\n');
  const stop = events.listen((event) => {
    if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
    else response.write(`data: ${JSON.stringify(event)}\n\n`);
  });
  response.once('close', stop);
}
