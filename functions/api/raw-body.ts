import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/**
 * Before a function is called, the platform (functions-framework in production, the Firebase emulator at home) parses the
 * body by its `content-type`; JSON that does not parse, or an unknown charset, it answers itself, with an HTML page. The
 * contract wants a problem that says where the JSON breaks. So requests to our own paths are shown to the platform as bytes,
 * which it hands over as they are, and the real type is kept for us. Node announces each request before any handler sees it:
 * https://nodejs.org/api/diagnostics_channel.html#event-httpserverrequeststart
 */
const OURS = /\/v1\/messages(?:[/?]|$)/;

const contentTypes = new WeakMap<IncomingMessage, string>();

/** Once a process. */
export function keepBodiesRaw(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { readonly request: IncomingMessage };
    const contentType = request.headers['content-type'];
    if (contentType === undefined || !OURS.test(request.url ?? '')) return;
    contentTypes.set(request, contentType);
    request.headers['content-type'] = 'application/octet-stream';
  });
}

/** What the caller said that its body is. */
export const contentTypeOf = (request: IncomingMessage): string | undefined =>
  contentTypes.get(request) ?? request.headers['content-type'];
