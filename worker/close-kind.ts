import type { CloseKind as RelayCloseKind } from '../relay/machine/turn/input.ts';
import type { CloseKind } from '../relay/adapters/xmpp/close-reason.ts';

const KINDS: Readonly<Record<CloseKind, RelayCloseKind>> = {
  orderly: 'orderly',
  closedByUs: 'orderly',
  refusedCredentials: 'refusedCredentials',
  streamError: 'failed',
  reset: 'failed',
  timeout: 'failed',
  protocolViolation: 'failed',
  unreachable: 'failed',
};

/** What the core needs to know of how a connection ended. */
export const closeKindOf = (kind: CloseKind): RelayCloseKind => KINDS[kind];
