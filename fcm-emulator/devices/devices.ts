import { z } from 'zod';
import { isMet } from './condition.ts';
import { Mailbox } from './mailbox.ts';
import { badRegistration, type Refusal, type Target } from './message.ts';

const token = z.string().min(1);

export const deviceSchema = z
  .object({
    state: z.enum(['registered', 'unregistered', 'replaced']).default('registered'),
    canonicalToken: token.optional().describe('with state replaced: the new token'),
    online: z.boolean().default(true),
    topics: z.array(z.string()).optional().describe('replaces all of its subscriptions'),
    senders: z.array(z.string()).optional().describe('senders that may send to it; default: all'),
    failure: z
      .object({ error: z.string(), description: z.string().default('') })
      .strict()
      .optional()
      .describe('the nack for every message to it, e.g. INVALID_APNS_CREDENTIAL or AUTHENTICATION_FAILED'),
  })
  .strict()
  .meta({ id: 'Device' });

export type DeviceSpec = z.infer<typeof deviceSchema>;
export type DeviceInput = z.input<typeof deviceSchema>;

export interface Device {
  readonly token: string;
  spec: DeviceSpec;
  readonly topics: Set<string>;
  readonly mailbox: Mailbox;
}

/** The devices that a message is for, or why there are none. `canonical`: the token that replaces the one used. */
export type Resolution =
  | { readonly kind: 'tokens'; readonly tokens: readonly string[]; readonly canonical: string | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const refused = (error: string, description: string): Resolution => ({
  kind: 'refused',
  refusal: { error, description },
});

export const topicName = (topic: string): string => topic.replace(/^\/topics\//, '');

/** The registry of devices, groups and topic subscriptions. An unknown token resolves to a device, but adds none. */
export class Devices {
  readonly #devices = new Map<string, Device>();
  readonly #groups = new Map<string, readonly string[]>();
  readonly #subscribers = new Map<string, Set<string>>();

  get(token: string): Device | undefined {
    return this.#devices.get(token);
  }

  list(): Device[] {
    return [...this.#devices.values()];
  }

  put(token: string, spec: DeviceSpec): Device {
    const device = this.#devices.get(token) ?? { token, spec, topics: new Set<string>(), mailbox: new Mailbox() };
    this.#devices.set(token, device);
    device.spec = spec;
    if (spec.topics !== undefined) {
      for (const topic of device.topics) this.unsubscribe(token, topic);
      for (const topic of spec.topics) this.subscribe(token, topic);
    }
    return device;
  }

  remove(token: string): boolean {
    for (const topic of this.#devices.get(token)?.topics ?? []) this.unsubscribe(token, topic);
    return this.#devices.delete(token);
  }

  putGroup(key: string, tokens: readonly string[]): void {
    this.#groups.set(key, tokens);
  }

  subscribe(token: string, topic: string): void {
    const name = topicName(topic);
    const device = this.#devices.get(token) ?? this.put(token, deviceSchema.parse({}));
    device.topics.add(name);
    const tokens = this.#subscribers.get(name) ?? new Set();
    this.#subscribers.set(name, tokens.add(token));
  }

  unsubscribe(token: string, topic: string): void {
    const name = topicName(topic);
    this.#devices.get(token)?.topics.delete(name);
    this.#subscribers.get(name)?.delete(token);
  }

  clear(): void {
    this.#devices.clear();
    this.#groups.clear();
    this.#subscribers.clear();
  }

  resolve(target: Target, sender: string, unknown: 'register' | 'refuse'): Resolution {
    switch (target.kind) {
      case 'token':
        return this.#resolveToken(target.token, sender, unknown);
      case 'topic':
        return { kind: 'tokens', tokens: [...(this.#subscribers.get(target.topic) ?? [])], canonical: undefined };
      case 'condition': {
        const matching = this.list().filter(
          ({ topics }) =>
            topics.size > 0 && isMet(target.condition, new Set([...topics].map((topic) => topic.toLowerCase()))),
        );
        return { kind: 'tokens', tokens: matching.map((device) => device.token), canonical: undefined };
      }
    }
  }

  #resolveToken(token: string, sender: string, unknown: 'register' | 'refuse'): Resolution {
    const group = this.#groups.get(token);
    if (group !== undefined) return this.#resolveGroup(group, sender, unknown);
    const spec = this.#devices.get(token)?.spec;
    if (spec === undefined) {
      return unknown === 'register'
        ? { kind: 'tokens', tokens: [token], canonical: undefined }
        : { kind: 'refused', refusal: badRegistration(token) };
    }
    if (spec.senders !== undefined && !spec.senders.includes(sender)) return refused('SENDER_ID_MISMATCH', '');
    if (spec.failure !== undefined) return refused(spec.failure.error, spec.failure.description);
    if (spec.state === 'unregistered') return refused('DEVICE_UNREGISTERED', '');
    const canonical = spec.state === 'replaced' ? spec.canonicalToken : undefined;
    return { kind: 'tokens', tokens: [canonical ?? token], canonical };
  }

  /** A group accepts a message if one of its devices does (our choice). */
  #resolveGroup(tokens: readonly string[], sender: string, unknown: 'register' | 'refuse'): Resolution {
    const members = tokens.map((one) => this.#resolveToken(one, sender, unknown));
    const reached = members.flatMap((one) => (one.kind === 'tokens' ? one.tokens : []));
    if (reached.length > 0) return { kind: 'tokens', tokens: reached, canonical: undefined };
    return members.find((one) => one.kind === 'refused') ?? refused('DEVICE_UNREGISTERED', '');
  }
}
