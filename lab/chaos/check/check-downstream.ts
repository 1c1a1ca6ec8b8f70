import { isTaken, REFUSAL } from './answer.ts';
import type { DeliveryEvent, Document, History, Offer, Receipt } from '../history/history.ts';
import type { Indexed } from '../history/index-history.ts';
import type { Violation } from './violation.ts';

const TERMINAL: ReadonlySet<string> = new Set(['acked', 'nacked', 'expired', 'unknown', 'cancelled', 'dead']);

export const isTerminal = ({ state }: Document): boolean => TERMINAL.has(state);

/** Every accepted message settled in the true state and has its event; and nothing appears that was never submitted. */
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

/** The messages live for weeks and none is cancelled: only FCM's answer may decide their state. */
function wrongState({ id, fate }: Offer, { state, error }: Document, receipts: readonly Receipt[]): Violation[] {
  const wrong = (detail: string): Violation[] => [{ kind: 'wrongState', id, detail }];
  if (state !== fate) return wrong(`${state}${error === undefined ? '' : ` (${error})`}, should be ${fate}`);
  if (state === 'nacked' && error !== REFUSAL) return wrong(`nacked with ${error ?? 'no error'}, should be ${REFUSAL}`);
  const said = receipts.some(({ answer }) => (state === 'acked' ? isTaken(answer) : answer === REFUSAL));
  return said ? [] : wrong(`${state}, but FCM never answered that`);
}

function wrongEvents({ id, state }: Document, events: readonly DeliveryEvent[]): Violation[] {
  const told = events.filter(({ type }) => type.startsWith('fcm.message.'));
  if (told.length === 0) return [{ kind: 'eventMissing', id, detail: `${state}, but no event` }];
  const types = [...new Set(told.map(({ type }) => type))];
  const ids = new Set(told.map(({ eventId }) => eventId));
  if (types.length === 1 && types[0] === `fcm.message.${state}` && ids.size === 1) return [];
  return [{ kind: 'eventWrong', id, detail: `${state}; events: ${types.join(', ')} under ${ids.size} id(s)` }];
}

function unexpected({ offers, receipts, documents, events }: Indexed): Violation[] {
  const seen = new Map<string, string>();
  for (const [where, ids] of [
    ['an event', events],
    ['Firestore', documents],
    ['FCM', receipts],
  ] as const) {
    for (const id of ids.keys()) if (!offers.has(id)) seen.set(id, where);
  }
  return [...seen].map(([id, where]) => ({ kind: 'unexpected', id, detail: `${where} has it` }));
}
