import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { DeviceInput } from './devices/devices.ts';
import type { UpstreamInput } from './devices/upstream-message.ts';
import type { RuleInput } from './faults/rules.ts';
import type {
  Connection,
  DeviceState,
  Message,
  MessageCounts,
  Received,
  RuleState,
  Stats,
  UpstreamResult,
  UpstreamState,
} from './control/views.ts';
import type { TimedEvent } from './history/events.ts';
import type { Settings } from './settings.ts';

export type {
  Connection,
  DeviceInput,
  DeviceState,
  Message,
  MessageCounts,
  Received,
  RuleInput,
  Settings,
  Stats,
  TimedEvent,
  UpstreamInput,
  UpstreamState,
};

/** The emulator rejected a call. */
export class ControlRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
type Query = Readonly<Record<string, string | undefined>>;
export type Chunk = Settings['chunk'];

/** A typed client of a running emulator's control API. A call is one HTTP request, and in effect once it resolves. */
export class EmulatorControl {
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
  }

  readonly devices = {
    put: (token: string, device: DeviceInput = {}): Promise<void> =>
      this.#call('PUT', `/devices/${encodeURIComponent(token)}`, device),
    putAll: (devices: Readonly<Record<string, DeviceInput>>): Promise<void> => this.#call('POST', '/devices', devices),
    get: (token: string): Promise<DeviceState> => this.#call('GET', `/devices/${encodeURIComponent(token)}`),
    list: (): Promise<DeviceState[]> => this.#call('GET', '/devices'),
    remove: (token: string): Promise<void> => this.#call('DELETE', `/devices/${encodeURIComponent(token)}`),
  };

  readonly groups = {
    put: (key: string, tokens: readonly string[]): Promise<void> =>
      this.#call('PUT', `/groups/${encodeURIComponent(key)}`, { tokens }),
  };

  readonly rules = {
    add: async (rule: RuleInput): Promise<string> => (await this.#call<{ id: string }>('POST', '/rules', rule)).id,
    list: (): Promise<RuleState[]> => this.#call('GET', '/rules'),
    remove: (id: string): Promise<void> => this.#call('DELETE', `/rules/${id}`),
    clear: (): Promise<void> => this.#call('DELETE', '/rules'),
  };

  readonly settings = {
    get: (): Promise<Settings> => this.#call('GET', '/settings'),
    change: (settings: Partial<Settings>): Promise<Settings> => this.#call('PATCH', '/settings', settings),
  };

  /** Actions on one connection, by its id. */
  readonly connection = {
    drain: (id: string, options: { closeAfterMs?: number } = {}): Promise<void> =>
      this.#call('POST', `/connections/${id}/drain`, options),
    close: (id: string): Promise<void> => this.#call('POST', `/connections/${id}/close`),
    reset: (id: string): Promise<void> => this.#call('POST', `/connections/${id}/reset`),
    halfOpen: (id: string): Promise<void> => this.#call('POST', `/connections/${id}/half-open`),
    chunk: (id: string, chunk: Chunk): Promise<void> => this.#call('POST', `/connections/${id}/chunk`, { chunk }),
  };

  subscribe(token: string, topic: string): Promise<void> {
    return this.#call('POST', '/subscriptions', { token, topic });
  }

  unsubscribe(token: string, topic: string): Promise<void> {
    return this.#call('DELETE', '/subscriptions', { token, topic });
  }

  /** What devices received, oldest first. */
  received(token?: string): Promise<Received[]> {
    return this.#call('GET', '/received', undefined, { token });
  }

  /** Sends a message from a device to the app server. */
  async upstream(message: UpstreamInput): Promise<UpstreamResult> {
    const [result] = await this.upstreamAll([message]);
    if (result === undefined) throw new ControlRefused(500, 'no result for an upstream message');
    return result;
  }

  /** Up to 100 000 at once. */
  upstreamAll(messages: readonly UpstreamInput[]): Promise<UpstreamResult[]> {
    return this.#call('POST', '/upstream', messages);
  }

  /** For each upstream message: which connections it was sent on, which acked it, and which acked it wrongly. */
  upstreamState(messageId?: string): Promise<UpstreamState[]> {
    return this.#call('GET', '/upstream', undefined, { messageId });
  }

  connections(): Promise<Connection[]> {
    return this.#call('GET', '/connections');
  }

  drainAll(options: { closeAfterMs?: number } = {}): Promise<void> {
    return this.#call('POST', '/connections/drain', options);
  }

  closeAll(): Promise<void> {
    return this.#call('POST', '/connections/close');
  }

  resetAll(): Promise<void> {
    return this.#call('POST', '/connections/reset');
  }

  /** Downstream messages as received, with their JSON text and the answer. */
  messages(filter: { messageId?: string; connection?: string } = {}): Promise<Message[]> {
    return this.#call('GET', '/messages', undefined, filter);
  }

  /** By message id: how often it was received, how often acked. */
  messageCounts(): Promise<MessageCounts> {
    return this.#call('GET', '/messages/counts');
  }

  stats(): Promise<Stats> {
    return this.#call('GET', '/stats');
  }

  /** Resets everything but the connections. */
  reset(): Promise<void> {
    return this.#call('POST', '/reset');
  }

  /** Everything that happens from now on, until `signal` or the emulator ends it; silence does not. */
  async *events(signal?: AbortSignal): AsyncGenerator<TimedEvent, void> {
    let text = '';
    try {
      const response = await this.#openEvents(signal);
      for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
        const blocks = (text + piece).split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks)
          if (block.startsWith('data: ')) yield JSON.parse(block.slice('data: '.length)) as TimedEvent;
      }
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  }

  /** Not `fetch`, which gives up on a body that is silent for five minutes. */
  async #openEvents(signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const request = get(`${this.#baseUrl}/events`, signal === undefined ? {} : { signal });
    request.on('error', () => undefined); // `once` reports it before the response, the response afterwards
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    if (response.statusCode === 200) return response;
    response.resume();
    throw new ControlRefused(response.statusCode ?? 0, 'GET /events');
  }

  async #call<T>(method: Method, path: string, body?: unknown, query: Query = {}): Promise<T> {
    const url = new URL(this.#baseUrl + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const payload = body === undefined && method !== 'GET' ? {} : body;
    const init =
      payload === undefined
        ? { method }
        : { method, body: JSON.stringify(payload), headers: { 'content-type': 'application/json' } };
    const response = await fetch(url, init);
    const text = await response.text();
    if (!response.ok) throw new ControlRefused(response.status, `${method} ${path}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
