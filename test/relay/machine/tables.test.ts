import { CONNECTION_EVENTS, CONNECTION_STATES, CONNECTION_TABLE } from '../../../relay/machine/links/connection.ts';
import { newDelivery, outcomeOf } from '../../../relay/machine/delivery/delivery.ts';
import { DELIVERY_EVENTS, DELIVERY_STATES, DELIVERY_TABLE } from '../../../relay/machine/delivery/delivery-table.ts';
import { DOCUMENT_EVENTS, DOCUMENT_STATES, DOCUMENT_TABLE } from '../../../relay/machine/delivery/document.ts';
import { messageOf } from '../../../relay/model/message.ts';
import { IllegalTransition, step, type Table } from '../../../relay/model/table.ts';

interface Machine {
  readonly name: string;
  readonly table: Table<string, string>;
  readonly states: readonly string[];
  readonly events: readonly string[];
  readonly first: string;
  /** Nothing leads out of it; `undefined` where there is always a way on. */
  readonly end: string | undefined;
  /** Every state leads to it. */
  readonly goal: string;
}

const MACHINES: readonly Machine[] = [
  {
    name: 'delivery',
    table: DELIVERY_TABLE,
    states: DELIVERY_STATES,
    events: DELIVERY_EVENTS,
    first: 'held',
    end: 'gone',
    goal: 'gone',
  },
  {
    name: 'document',
    table: DOCUMENT_TABLE,
    states: DOCUMENT_STATES,
    events: DOCUMENT_EVENTS,
    first: 'unread',
    end: undefined,
    goal: 'current',
  },
  {
    name: 'connection',
    table: CONNECTION_TABLE,
    states: CONNECTION_STATES,
    events: CONNECTION_EVENTS,
    first: 'connecting',
    end: 'closed',
    goal: 'closed',
  },
];

function reachable({ table }: Machine, from: string): Set<string> {
  const seen = new Set([from]);
  for (const state of seen) for (const next of Object.values(table[state] ?? {})) seen.add(next!);
  return seen;
}

describe.each(MACHINES)('the table of a $name', (machine) => {
  const { name, table, states, events, first, end, goal } = machine;
  const cross = states.flatMap((state) => events.map((event) => ({ state, event, next: table[state]?.[event] })));

  test.each(cross)('$state on $event: $next, or a defect', ({ state, event, next }) => {
    if (next === undefined) expect(() => step(name, table, state, event)).toThrow(IllegalTransition);
    else expect(step(name, table, state, event)).toBe(next);
  });

  test('names only states and events of its own', () => {
    expect(Object.keys(table).sort()).toEqual([...states].sort());
    for (const cells of Object.values(table)) {
      expect(events).toEqual(expect.arrayContaining(Object.keys(cells)));
      expect(states).toEqual(expect.arrayContaining(Object.values(cells)));
    }
  });

  test('leads to every state from the first, and from every state to its goal', () => {
    expect([...reachable(machine, first)].sort()).toEqual([...states].sort());
    for (const state of states) expect(reachable(machine, state)).toContain(goal);
  });

  test('ends in its end and nowhere else', () => {
    expect(states.filter((state) => Object.keys(table[state] ?? {}).length === 0)).toEqual(
      end === undefined ? [] : [end],
    );
  });

  test('uses every event', () => {
    const used = new Set(Object.values(table).flatMap((cells) => Object.keys(cells)));
    expect([...used].sort()).toEqual([...events].sort());
  });
});

test('only what is ready is sent, and nothing comes back from a terminal state', () => {
  expect(DELIVERY_STATES.filter((state) => DELIVERY_TABLE[state].send !== undefined)).toEqual(['ready']);
  const settling: Machine = { ...MACHINES[0]!, first: 'settling' };
  expect([...reachable(settling, 'settling')].sort()).toEqual(['announcing', 'gone', 'settling']);
});

test('an illegal step says which machine, state and event, and has a stable code', () => {
  expect(() => step('delivery', DELIVERY_TABLE, 'gone', 'send')).toThrow('delivery: no step from "gone" on "send"');
  expect(new IllegalTransition('delivery', 'gone', 'send')).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
});

test('a delivery that has not ended has no outcome to be asked for', () => {
  const message = { message_id: 'm', to: 't', priority: 'normal', time_to_live: 0 } as const;
  const delivery = newDelivery(messageOf({ senderId: '1', acceptedAtMs: 0, message }), 'normal');
  expect(() => outcomeOf(delivery)).toThrow('delivery: "held" without an outcome');
  delivery.outcome = { state: 'acked', atMs: 1 };
  expect(outcomeOf(delivery)).toEqual({ state: 'acked', atMs: 1 });
});
