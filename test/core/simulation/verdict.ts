import { isTerminal } from '../../../relay/core/record.ts';
import type { World } from './world.ts';

/** What did not hold, after the world has become quiet. */
export function violationsOf(world: World): string[] {
  const { ccs, documents, events, queue } = world;
  const found = [...world.violations, ...ccs.violations, ...documents.violations];
  const announced = new Map<string, Set<string>>();
  for (const event of events.all) {
    if (!event.type.startsWith('fcm.message.')) continue;
    const id = String(event.data.message_id);
    announced.set(id, (announced.get(id) ?? new Set()).add(event.type));
  }
  for (const { queued: { message: { message_id: id } } } of queue.entries) {
    const state = documents.read(id)?.record.state;
    if (state === undefined || !isTerminal(state)) {
      found.push(`${id}: ends as ${state ?? 'nothing'}`);
      continue;
    }
    const types = [...(announced.get(id) ?? [])];
    if (types.length !== 1 || types[0] !== `fcm.message.${state}`) found.push(`${id}: ${state}, but announced as ${types.join(' and ') || 'nothing'}`);
    if (state === 'acked' && !ccs.accepted.has(id)) found.push(`${id}: acked, but CCS never took it`);
    if (state === 'nacked' && !ccs.refused.has(id)) found.push(`${id}: nacked, but CCS never refused it`);
  }
  return found;
}
