import { hears, leaves, negotiates, nextPhase, speaks } from '../../../../relay/adapters/xmpp/phase.ts';
import type { Phase, PhaseEvent } from '../../../../relay/adapters/xmpp/phase.ts';

const EVENTS: readonly PhaseEvent[] = ['secured', 'bound', 'closeAsked', 'ended'];

/** Every cell: phase, then the next phase for secured, bound, closeAsked, ended; then what the phase allows. */
test.each<[Phase, (Phase | '-')[], string]>([
  ['connecting', ['negotiating', '-', 'closed', 'closed'], ''],
  ['negotiating', ['-', 'open', 'closed', 'closed'], 'negotiates'],
  ['open', ['-', '-', 'closing', 'closed'], 'hears speaks'],
  ['closing', ['-', '-', '-', 'closed'], 'hears leaves'],
  ['closed', ['-', '-', '-', '-'], ''],
])('%s', (phase, next, allows) => {
  expect(EVENTS.map((event) => nextPhase(phase, event) ?? '-')).toEqual(next);
  const tables = Object.entries({ negotiates, hears, speaks, leaves });
  expect(
    tables
      .filter(([, table]) => table[phase])
      .map(([name]) => name)
      .join(' '),
  ).toBe(allows);
});
