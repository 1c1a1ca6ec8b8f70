import fc from 'fast-check';
import { Schedule } from '../../../../relay/machine/turn/schedule.ts';

interface Item {
  readonly dueMs: number;
  readonly n: number;
}

const times = fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(-1)), { maxLength: 200 });

test('gives out what a sorted list would: the earliest first, equal times in order of arrival', () => {
  fc.assert(
    fc.property(times, (sequence) => {
      const schedule = new Schedule<Item>();
      const model: Item[] = [];
      sequence.forEach((dueMs, n) => {
        if (dueMs >= 0) {
          schedule.add(dueMs, { dueMs, n });
          model.push({ dueMs, n });
          model.sort((a, b) => a.dueMs - b.dueMs || a.n - b.n);
        } else {
          expect(schedule.takeDue(Infinity)).toEqual(model.shift());
        }
        expect(schedule.nextMs).toBe(model[0]?.dueMs);
      });
      for (const item of model) expect(schedule.takeDue(Infinity)).toEqual(item);
      expect(schedule.takeDue(Infinity)).toBeUndefined();
    }),
  );
});

test('nothing is given out before it is due', () => {
  const schedule = new Schedule<string>();
  schedule.add(10, 'later');
  expect(schedule.takeDue(9)).toBeUndefined();
  expect(schedule.takeDue(10)).toBe('later');
  expect(schedule.nextMs).toBeUndefined();
});
