import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_EVENTS } from '../../../worker/observe/log-events.ts';
import { documentedEvents, eventList } from '../../support/event-list.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

test('docs/operations.md lists every log event of the worker, and no other', () => {
  expect(documentedEvents(read('docs/operations.md'), 'worker')).toEqual(eventList(LOG_EVENTS));
});

test('every event is logged somewhere', () => {
  const sources = ['worker/index.ts', 'worker/compose.ts', 'worker/lane-puller.ts', 'worker/observe/observer.ts'];
  const code = sources.map(read).join('\n');
  expect(Object.keys(LOG_EVENTS).filter((event) => !code.includes(`'${event}'`))).toEqual([]);
});

test.each(Object.keys(LOG_EVENTS))('%s is named noun.verb', (event) => {
  expect(event).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
});
