import type { FieldError } from '../../protocol/rules/field-error.ts';
import { shownPath } from '../../protocol/legacy/known-names.ts';
import { targetOf } from '../../protocol/legacy/target.ts';
import { expireAtMs, recordedTarget, type RecordContext } from '../../model/new-record.ts';
import { createOrFind } from '../accept/create-or-find.ts';
import { republish } from '../settle/settle.ts';
import type { RefusedRequest } from './read-published.ts';
import type { EventPublisher, MessageKey, MessageStore } from '../../model/ports.ts';
import type { MessageRecord, RecordedTarget } from '../../model/record.ts';
import { isHashOf } from '../../model/token-hash.ts';

export interface RecordRefusalPorts extends RecordContext {
  readonly store: MessageStore;
  readonly events: EventPublisher;
}

export interface Refusal {
  readonly refused: RefusedRequest;
  /** The request as received. */
  readonly data: Uint8Array;
}

const MAX_DESCRIPTION = 1_500;

/** Paths and codes, for programs; never a value, nor a key, which may be one. */
export function describeErrors(errors: readonly FieldError[]): string {
  const all = [...new Set(errors.map((error) => `${shownPath(error)}: ${error.code}`))].join('; ');
  return all.length <= MAX_DESCRIPTION ? all : `${all.slice(0, MAX_DESCRIPTION - 1)}…`;
}

/**
 * A refused request ends like a message: a document in state `nacked`, and its event. `false` if the id is in use,
 * which changes nothing. The same request again finds its own document and publishes again.
 */
export async function recordRefusal(ports: RecordRefusalPorts, key: MessageKey, refusal: Refusal): Promise<boolean> {
  const record = refusedRecord(ports, refusal);
  const placed = await createOrFind(ports.store, key, record);
  const standing = placed.outcome === 'created' ? record : placed.stored.record;
  const { contentHash } = standing;
  if (standing.state !== 'nacked' || standing.owner !== record.owner || contentHash === undefined) return false;
  if (!isHashOf(ports, refusedContent(refusal.data), contentHash)) return false;
  await republish(ports, key, standing, 'nacked');
  return true;
}

/** Never equals canonical content, which is JSON. */
export const refusedContent = (data: Uint8Array): string => `refused ${Buffer.from(data).toString('latin1')}`;

function refusedRecord({ hash, now, random }: RecordRefusalPorts, { refused, data }: Refusal): MessageRecord {
  const nowMs = now();
  return {
    state: 'nacked',
    target: refusedTarget(refused, hash),
    priority: 'normal',
    timeToLiveSeconds: 0, // never sent
    attempts: 0,
    ...refused.errors.map(({ code }) => ({ error: code }))[0],
    errorDescription: describeErrors(refused.errors),
    owner: 'system:pubsub',
    contentHash: hash(refusedContent(data)),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    settledAtMs: nowMs,
    expireAtMs: expireAtMs(nowMs, 0, random()),
  };
}

/**
 * A refused field may hold anything, even a token in the wrong place, so only a valid target is recorded. An error of
 * the whole request (`""`) may mean that not all errors are listed.
 */
function refusedTarget({ fields, errors }: RefusedRequest, hash: RecordContext['hash']): RecordedTarget {
  const bad = new Set(errors.map(({ path }) => path));
  const isGood = (field: string, value: unknown): value is string =>
    typeof value === 'string' && !bad.has(field) && !bad.has('');
  const { to, condition } = fields;
  if (isGood('to', to)) return recordedTarget(targetOf({ to }), hash);
  if (isGood('condition', condition)) return recordedTarget(targetOf({ condition }), hash);
  return { kind: 'token', hash: '' };
}
