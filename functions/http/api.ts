import type { Principal, Right } from '../../relay/service/access/principal.ts';
import { ConfigError } from '../config.ts';
import { logFailure, logRequest } from '../log.ts';
import type { ApiResponse, ApiRequest } from './server/api-response.ts';
import { authorize, type AuthPorts } from './auth/auth.ts';
import { Deadline } from './server/deadline.ts';
import { deleteMessage, getMessage, keyIn, type OneMessagePorts } from './dialects/relay/one-message.ts';
import { postMessages, type PostMessagesPorts } from './dialects/relay/post-messages.ts';
import { problem, problemResponse, retryAfter, UnavailableError } from './server/problem.ts';
import { routeOf, ROUTES, type Routed } from './server/route.ts';

export interface ApiPorts extends AuthPorts, OneMessagePorts, PostMessagesPorts {}

/**
 * Whoever waits for a frozen Firestore is told so. A DELETE waits for 3.5 s of it on purpose; stores have 8 s
 * (time-limit.ts).
 */
const DEADLINE_MS = 9_500;

/** One request, from its first look to its log line. Never rejects. */
export async function handleRequest(
  ports: () => ApiPorts,
  request: ApiRequest,
  deadlineMs = DEADLINE_MS,
): Promise<ApiResponse> {
  const startMs = performance.now();
  const routed = routeOf(request.url);
  const deadline = new Deadline(deadlineMs);
  const timed = { ...request, body: () => deadline.except(request.body()) };
  const given = await deadline.within(handle(ports, timed, routed)).catch(failureResponse);
  logRequest({
    method: request.method,
    route: routed?.route ?? 'none',
    status: given.status,
    ms: Math.round(performance.now() - startMs),
    facts: given.facts ?? {},
  });
  return given;
}

async function handle(ports: () => ApiPorts, request: ApiRequest, routed: Routed | undefined): Promise<ApiResponse> {
  if (request.lacksHost === true) return problemResponse(problem('malformed-request', 'The header host is missing.'));
  if (routed === undefined)
    return problemResponse(
      problem('not-found', 'The calls are POST /v1/messages, and GET and DELETE /v1/messages/{message_id}.'),
    );
  const methods: readonly string[] = ROUTES[routed.route];
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  if (request.method === 'OPTIONS') return { status: 204, headers: { allow } };
  const method = request.method === 'HEAD' ? 'GET' : request.method; // its body is left out on the way
  if (!methods.includes(method)) {
    return problemResponse(problem('method-not-allowed', `Allowed here: ${allow}.`), { headers: { allow } });
  }
  return await perform(ports(), { ...request, method }, routed);
}

async function perform(ports: ApiPorts, request: ApiRequest, routed: Routed): Promise<ApiResponse> {
  const right: Right = request.method === 'GET' ? 'read' : 'send';
  const authorized = await authorize(ports, request.headers.authorization, right);
  if ('refused' in authorized) return authorized.refused;
  const { principal } = authorized;
  const given = await call(ports, request, { routed, principal });
  return { ...given, facts: { by: principal.owner, ...given.facts } };
}

interface Call {
  readonly routed: Routed;
  readonly principal: Principal;
}

async function call(ports: ApiPorts, request: ApiRequest, { routed, principal }: Call): Promise<ApiResponse> {
  if (routed.route === '/v1/messages') return await postMessages(ports, request, principal);
  const key = keyIn(ports.senders, routed, principal);
  if ('refused' in key) return key.refused;
  if (request.method === 'GET') return await getMessage(ports, key, principal);
  return await deleteMessage(ports, key, principal);
}

function failureResponse(error: unknown): ApiResponse {
  logFailure('a request', error);
  if (error instanceof UnavailableError) {
    const detail = 'A service that the relay depends on does not answer. Repeat the request.';
    return problemResponse(problem('unavailable', detail), { headers: retryAfter(1) });
  }
  const detail =
    error instanceof ConfigError ? 'The relay is misconfigured; its log has the details.' : 'The log has the details.';
  return problemResponse(problem('internal', detail));
}
