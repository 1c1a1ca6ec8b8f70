import type { Owner } from '../../model/owner.ts';
import { listOf, readObject, type Fields } from './fields.ts';

/** Who asks, and what it may do. */
export interface Principal {
  readonly owner: Owner;
  readonly rights: ReadonlySet<Right>;
  /** The senders that it may use; absent: every one. */
  readonly senders?: ReadonlySet<string>;
  /** It sees and cancels its own messages only. */
  readonly own: boolean;
}

export const RIGHTS = ['read', 'send', 'operate'] as const;
export type Right = (typeof RIGHTS)[number];

/** Whoever may send may also ask what became of it, and cancel it. */
const IMPLIED: Readonly<Record<Right, readonly Right[]>> = {
  read: ['read'],
  send: ['send', 'read'],
  operate: ['operate'],
};

const isRight = (value: unknown): value is Right => RIGHTS.some((right) => right === value);
const isSenderId = (value: unknown): value is string => typeof value === 'string' && /^\d+$/.test(value);

/** What an API key and a user's claim have in common. */
export interface Grant {
  readonly can: readonly Right[];
  readonly senders?: readonly string[];
  readonly own?: boolean;
}

export const GRANT: Fields<Grant> = {
  can: { read: listOf(isRight), mustBe: 'a list of "read", "send" and "operate"', required: true },
  senders: { read: listOf(isSenderId), mustBe: 'a list of sender ids' },
  own: { read: (value) => (typeof value === 'boolean' ? value : undefined), mustBe: 'true or false' },
};

export const principal = (owner: Owner, { can, senders, own = false }: Grant): Principal => ({
  owner,
  rights: new Set(can.flatMap((right) => IMPLIED[right])),
  ...(senders !== undefined && { senders: new Set(senders) }),
  own,
});

/**
 * A signed-in user, by the claim `relay` of its ID token: a right, or `{can, senders, own}`. Without it, or with one
 * that is not wholly understood, a user has no right here: a limit that was misspelt must not become none.
 * firestore.rules says the same.
 */
export function userPrincipal(uid: string, claim: unknown): Principal {
  const read = readObject(isRight(claim) ? { can: [claim] } : claim, GRANT, 'relay');
  return read.ok ? principal(`user:${uid}`, read.value) : principal(`user:${uid}`, { can: [], own: true });
}

/** Of those that the relay serves. */
export const sendersOf = ({ senders }: Principal, served: readonly string[]): readonly string[] =>
  senders === undefined ? served : served.filter((senderId) => senders.has(senderId));

/** Whether a message is there for it at all. */
export const maySee = ({ own, owner }: Principal, message: { readonly owner?: string }): boolean =>
  !own || message.owner === owner;
