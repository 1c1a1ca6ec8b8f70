import type { Owner } from '../../model/owner.ts';
import { listOf, readObject, type Fields } from './fields.ts';

/** The caller, and what it may do. */
export interface Principal {
  readonly owner: Owner;
  readonly rights: ReadonlySet<Right>;
  /** The senders it may use; absent: all. */
  readonly senders?: ReadonlySet<string>;
  /** It sees and cancels only its own messages. */
  readonly own: boolean;
}

export const RIGHTS = ['read', 'send', 'operate'] as const;
export type Right = (typeof RIGHTS)[number];

/** `send` includes asking about messages and cancelling them. */
const IMPLIED: Readonly<Record<Right, readonly Right[]>> = {
  read: ['read'],
  send: ['send', 'read'],
  operate: ['operate'],
};

const isRight = (value: unknown): value is Right => RIGHTS.some((right) => right === value);
const isSenderId = (value: unknown): value is string => typeof value === 'string' && /^\d+$/.test(value);

/** Common to API keys and users' claims. */
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
 * A signed-in user, by the claim `relay` of its ID token: a right, or `{can, senders, own}`. A claim that is absent or
 * not fully understood grants nothing: a misspelt limit must not mean no limit. firestore.rules agrees.
 */
export function userPrincipal(uid: string, claim: unknown): Principal {
  const read = readObject(isRight(claim) ? { can: [claim] } : claim, GRANT, 'relay');
  return read.ok ? principal(`user:${uid}`, read.value) : principal(`user:${uid}`, { can: [], own: true });
}

/** The served senders the caller may use. */
export const sendersOf = ({ senders }: Principal, served: readonly string[]): readonly string[] =>
  senders === undefined ? served : served.filter((senderId) => senders.has(senderId));

/** Whether the message exists for this caller. */
export const maySee = ({ own, owner }: Principal, message: { readonly owner?: string }): boolean =>
  !own || message.owner === owner;
