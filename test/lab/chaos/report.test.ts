import { check } from '../../../lab/chaos/check.ts';
import { stories, table } from '../../../lab/chaos/report.ts';
import { cleanHistory, START_MS } from './clean-history.ts';

const LIMITS = { pendingLimit: 3, connections: 1 };

test('the table counts what there is', () => {
  const history = cleanHistory();
  const text = table(history, check(history, LIMITS), 60_000);
  expect(text).toMatch(/downstream: accepted of handed in\s+6 of 7/);
  expect(text).toMatch(/again, by the death of their connection; at most\s+2; 6/);
  expect(text).toMatch(/lost: accepted, and not at its end\s+0\n/);
});

test('a violation is told with the whole story of its message, in order', () => {
  const history = cleanHistory();
  history.documents[3]!.state = 'queued';
  history.documents[3]!.writtenMs = START_MS + 60;
  const text = stories(history, check(history, LIMITS));
  const steps = [
    'handed in by https',
    '  accepted\n',
    'document last written: queued',
    'gets it on c2, answers ack',
    'fault: reset c2',
    'c2 is gone: reset',
    'gets it on c3, answers INVALID_JSON',
    'event fcm.message.acked',
  ];
  expect(text).toContain('died: still queued at the end');
  expect(steps.map((step) => text.indexOf(step))).toEqual(
    steps.map((step) => text.indexOf(step)).sort((a, b) => a - b),
  );
  expect(steps.filter((step) => !text.includes(step))).toEqual([]);
});
