/** A state machine as data: `table[state][event]` is the next state; a missing cell is illegal. */
export type Table<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>;

/** Our own code asked for a step its table does not allow: a bug of ours, never a peer's. */
export class IllegalTransition extends Error {
  readonly code = 'ILLEGAL_TRANSITION';

  constructor(machine: string, state: string, event: string) {
    super(`${machine}: no step from "${state}" on "${event}"`);
  }
}

/** Whether the table has the cell. A fact that comes late is dropped where it has none. */
export const hasStep = <S extends string, E extends string>(table: Table<S, E>, state: S, event: E): boolean =>
  table[state][event] !== undefined;

/** @throws IllegalTransition */
export function step<S extends string, E extends string>(machine: string, table: Table<S, E>, state: S, event: E): S {
  const next = table[state][event];
  if (next === undefined) throw new IllegalTransition(machine, state, event);
  return next;
}
