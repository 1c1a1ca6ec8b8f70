import type { ConnectionLife, DeliveryEvent, Document, History, Offer, Receipt } from './history.ts';

/** A history by message id and by connection id. */
export interface Indexed {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
  readonly documents: ReadonlyMap<string, Document>;
  readonly events: ReadonlyMap<string, readonly DeliveryEvent[]>;
  readonly connections: ReadonlyMap<string, ConnectionLife>;
}

const byId = <T extends { readonly id: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.id, item]));

export const indexed = ({ offers, receipts, documents, deliveryEvents, connections }: History): Indexed => ({
  offers: byId(offers),
  receipts: Map.groupBy(receipts, ({ id }) => id),
  documents: byId(documents),
  events: Map.groupBy(deliveryEvents, ({ id }) => id),
  connections: byId(connections),
});
