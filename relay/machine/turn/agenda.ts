import { Schedule } from './schedule.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Connection } from '../links/connection.ts';

/**
 * What the machine has to come back to. An item that is out of date when its time comes is dropped by whoever it is
 * for.
 */
export type AgendaItem =
  | { readonly kind: 'rested'; readonly delivery: Delivery }
  | { readonly kind: 'store'; readonly delivery: Delivery }
  | { readonly kind: 'announce'; readonly delivery: Delivery }
  | { readonly kind: 'publish'; readonly key: string }
  | { readonly kind: 'watch'; readonly connection: Connection }
  /** A connection or a message may follow now. */
  | { readonly kind: 'fill' }
  | { readonly kind: 'prune' }
  | { readonly kind: 'stopOver' };

export class Agenda extends Schedule<AgendaItem> {}
