import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_EVENTS } from '../../functions/log-events.ts';
import { documentedEvents, eventList } from '../support/event-list.ts';

const OPERATIONS = join(import.meta.dirname, '../../docs/operations.md');

test('docs/operations.md lists every log event of the functions, and no other', () => {
  expect(documentedEvents(readFileSync(OPERATIONS, 'utf8'), 'functions')).toEqual(eventList(LOG_EVENTS));
});
