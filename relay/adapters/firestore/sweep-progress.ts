import type { SweepProgress, SweepProgressStore } from '../../model/ports.ts';
import { isObject } from '../../protocol/rules/rule.ts';
import { ConditionalWrites, type WriteSettings } from './conditional-writes.ts';
import { documentName, UnusableIdError } from './document-name.ts';
import type { Gateway } from './gateway.ts';
import { plain, text } from './wire.ts';

const NOTHING: SweepProgress = { unpublished: [] };
const MAX_BYTES = 300_000; // two pages of the longest ids

/**
 * The field's JSON. The key `untold` is that of earlier releases: renaming it would lose the list at an upgrade or a
 * rollback.
 */
interface StoredProgress {
  readonly afterMessageId?: string;
  readonly untold: readonly string[];
}

/** `senders/{S}/sweep/progress`: one field of JSON, read and written by one sweep at a time. */
export class FirestoreSweepProgress implements SweepProgressStore {
  readonly #gateway: Gateway;
  readonly #writes: ConditionalWrites;

  constructor(gateway: Gateway, settings: WriteSettings = {}) {
    this.#gateway = gateway;
    this.#writes = new ConditionalWrites(gateway, settings);
  }

  async load(senderId: string): Promise<SweepProgress> {
    const name = await this.#name(senderId);
    const document = (await this.#gateway.batchGet([name])).get(name);
    return progressOf(plain(document?.fields['progress']));
  }

  async save(senderId: string, progress: SweepProgress): Promise<void> {
    const name = await this.#name(senderId);
    const { unpublished: untold, ...rest } = progress;
    const fields = { progress: text(JSON.stringify({ ...rest, untold } satisfies StoredProgress)) };
    await this.#writes.write({ name, write: { update: { name, fields } }, bytes: MAX_BYTES, isDone: () => true });
  }

  async #name(senderId: string): Promise<string> {
    const name = documentName(await this.#gateway.root(), senderId, 'sweep', 'progress');
    if (name === undefined) throw new UnusableIdError();
    return name;
  }
}

/** Unreadable progress counts as none: the sweep starts over. */
function progressOf(value: unknown): SweepProgress {
  if (typeof value !== 'string') return NOTHING;
  try {
    const json: unknown = JSON.parse(value);
    if (!isObject(json) || !Array.isArray(json['untold'])) return NOTHING;
    const { afterMessageId } = json;
    const unpublished = json['untold'].filter((id) => typeof id === 'string');
    return { ...(typeof afterMessageId === 'string' && { afterMessageId }), unpublished };
  } catch {
    return NOTHING;
  }
}
