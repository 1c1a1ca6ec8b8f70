import { check } from '../../../lab/chaos/check/check.ts';
import { table, timelines } from '../../../lab/chaos/report.ts';
import { cleanHistory, START_MS } from './clean-history.ts';

const LIMITS = { pendingLimit: 3, connections: 1 };

test('the table counts what there is', () => {
  const history = cleanHistory();
  const text = table(history, check(history, LIMITS), 60_000);
  expect(text).toMatch(/downstream: accepted of submitted\s+6 of 7/);
  expect(text).toMatch(/repeated after the loss of a connection; at most\s+2; 6/);
  expect(text).toMatch(/lost: accepted, but never settled\s+0\n/);
});

test('a violation is printed with the timeline of its message', () => {
  const history = cleanHistory();
  history.documents[3]!.state = 'queued';
  history.documents[3]!.writtenMs = START_MS + 60;
  const text = timelines(history, check(history, LIMITS));
  const steps = [
    'submitted by https',
    '  accepted\n',
    'last write of the document: queued',
    'receives it on c2, answers ack',
    'fault: reset c2',
    'c2 is lost: reset',
    'receives it on c3, answers INVALID_JSON',
    'event fcm.message.acked',
  ];
  expect(text).toContain('died: still queued at the end');
  expect(steps.map((step) => text.indexOf(step))).toEqual(
    steps.map((step) => text.indexOf(step)).sort((a, b) => a - b),
  );
  expect(steps.filter((step) => !text.includes(step))).toEqual([]);
});
