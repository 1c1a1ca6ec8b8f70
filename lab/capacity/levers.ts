import type { Inputs } from './inputs.ts';
import { planOf, type Plan } from './plan.ts';
import { sizesOf } from './sizes.ts';

/** The same load with one thing changed: what moves the bill. */
export interface Lever {
  readonly change: string;
  readonly usdPerMonth: number;
  readonly workers: number;
}

const CHANGES: readonly { readonly change: string; readonly to: Partial<Inputs> }[] = [
  { change: 'one message an HTTPS call (--batch 1)', to: { batch: 1 } },
  { change: 'all by Pub/Sub (--by-pubsub 1)', to: { pubsubShare: 1 } },
  { change: 'time_to_live of a day (--ttl-days 1)', to: { ttlDays: 1 } },
  { change: 'nobody reads the events (--event-subscriptions 0)', to: { eventSubscriptions: 0 } },
  { change: 'CCS takes 500 ms (--latency 500)', to: { latencyMs: 500 } },
];

/** A load as the command plans it. */
export const planFor = (inputs: Inputs): Plan => planOf(inputs, sizesOf(inputs.payloadBytes));

export function leversOf(inputs: Inputs): readonly Lever[] {
  const differs = ({ to }: { readonly to: Partial<Inputs> }): boolean =>
    Object.entries(to).some(([key, value]) => inputs[key as keyof Inputs] !== value);
  return CHANGES.filter(differs).map(({ change, to }) => {
    const { usdPerMonth, workers } = planFor({ ...inputs, ...to });
    return { change, usdPerMonth, workers: workers.total };
  });
}
