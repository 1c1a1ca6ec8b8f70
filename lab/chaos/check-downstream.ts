import { isTaken, REFUSAL } from './answer.ts';
import type { DeliveryEvent, Document, History, Offer, Receipt } from './history.ts';
import type { Indexed } from './index-history.ts';
import type { Violation } from './violation.ts';

const TERMINAL: ReadonlySet<string> = new Set(['acked', 'nacked', 'expired', 'unknown', 'cancelled', 'dead']);

export const isTerminal = ({ state }: Document): boolean => TERMINAL.has(state);

/**
 * Was every accepted message brought to its end, is that end the true one, and was it told; and is there nothing that
 * nobody handed in?
 */
export function checkDownstream(history: History, index: Indexed): Violation[] {
  return [...history.offers.flatMap((offer) => checkOffer(offer, index)), ...unexpected(index)];
}

function checkOffer(offer: Offer, { documents, receipts, events }: Indexed): Violation[] {
  const { id, refusal, acceptedMs } = offer;
  const document = documents.get(id);
  if (refusal !== undefined) return [{ kind: 'refused', id, detail: refusal }];
  if (document === undefined || !isTerminal(document)) {
    return acceptedMs === undefined
      ? []
      : [{ kind: 'lost', id, detail: document === undefined ? 'no document' : `still ${document.state} at the end` }];
  }
  return [...wrongState(offer, document, receipts.get(id) ?? []), ...wrongEvents(document, events.get(id) ?? [])];
}

/** The messages live for weeks and nobody cancels: what CCS says of the token is the only end there may be. */
function wrongState({ id, fate }: Offer, { state, error }: Document, receipts: readonly Receipt[]): Violation[] {
  const wrong = (detail: string): Violation[] => [{ kind: 'wrongState', id, detail }];
  if (state !== fate) return wrong(`${state}${error === undefined ? '' : ` (${error})`}, must be ${fate}`);
  if (state === 'nacked' && error !== REFUSAL) return wrong(`nacked with ${error ?? 'no error'}, must be ${REFUSAL}`);
  const said = receipts.some(({ answer }) => (state === 'acked' ? isTaken(answer) : answer === REFUSAL));
  return said ? [] : wrong(`${state}, and CCS never said so`);
}

function wrongEvents({ id, state }: Document, events: readonly DeliveryEvent[]): Violation[] {
  const told = events.filter(({ type }) => type.startsWith('fcm.message.'));
  if (told.length === 0) return [{ kind: 'eventMissing', id, detail: `${state}, and no event` }];
  const types = [...new Set(told.map(({ type }) => type))];
  const ids = new Set(told.map(({ eventId }) => eventId));
  if (types.length === 1 && types[0] === `fcm.message.${state}` && ids.size === 1) return [];
  return [{ kind: 'eventWrong', id, detail: `${state}; told: ${types.join(', ')} under ${ids.size} id(s)` }];
}

function unexpected({ offers, receipts, documents, events }: Indexed): Violation[] {
  const seen = new Map<string, string>();
  for (const [where, ids] of [
    ['an event', events],
    ['Firestore', documents],
    ['CCS', receipts],
  ] as const) {
    for (const id of ids.keys()) if (!offers.has(id)) seen.set(id, where);
  }
  return [...seen].map(([id, where]) => ({ kind: 'unexpected', id, detail: `${where} has it` }));
}
