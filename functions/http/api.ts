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

/** Bounds the wait for a hung Firestore. A DELETE waits 3.5 s of it on purpose; stores have 8 s (time-limit.ts). */
const DEADLINE_MS = 9_500;

/** Handles one request and logs its line. Never rejects. */
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
  if (request.lacksHost === true) return problemResponse(problem('malformed-request', 'The Host header is missing.'));
  if (routed === undefined)
    return problemResponse(
      problem('not-found', 'Available: POST /v1/messages, GET and DELETE /v1/messages/{message_id}.'),
    );
  const methods: readonly string[] = ROUTES[routed.route];
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  if (request.method === 'OPTIONS') return { status: 204, headers: { allow } };
  const method = request.method === 'HEAD' ? 'GET' : request.method; // Node omits the body of the response
  if (!methods.includes(method)) {
    return problemResponse(problem('method-not-allowed', `Allowed methods: ${allow}.`), { headers: { allow } });
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
  logFailure('request.failed', error);
  if (error instanceof UnavailableError) {
    const detail = 'A backing service is not responding. Retry the request.';
    return problemResponse(problem('unavailable', detail), { headers: retryAfter(1) });
  }
  const detail =
    error instanceof ConfigError
      ? 'The relay is misconfigured. See its log for details.'
      : 'See the relay log for details.';
  return problemResponse(problem('internal', detail));
}
