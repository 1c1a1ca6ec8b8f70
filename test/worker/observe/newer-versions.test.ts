import { LANE_PAUSE_MS, NEWER_IN_A_ROW, NewerVersions } from '../../../worker/observe/newer-versions.ts';

/**
 * What a lane yields, one a second by a clock of its own: `?` is of a newer version, `.` any other. Where it says to
 * pause.
 */
function pausesOf(yielded: string): number[] {
  const newer = new NewerVersions();
  const pauses: number[] = [];
  for (const [at, one] of yielded.split('').entries()) {
    if (one === '.') newer.known();
    else if (newer.unknown(at * 1_000)) pauses.push(at);
  }
  return pauses;
}
const TEN = '?'.repeat(NEWER_IN_A_ROW);

test.each([
  ['nine', '?'.repeat(9), []],
  ['ten in a row', TEN, [9]],
  ['ten with another between them', '?????.?????', []],
  ['ten after another', `?.${TEN}`, [11]],
  ['more, while the lane is paused', TEN + '?'.repeat(59), [9]],
  ['one more, after the pause', TEN + '?'.repeat(60), [9, 69]],
  ['others after the pause', `${TEN}${'?'.repeat(59)}.${'?'.repeat(9)}`, [9]],
  ['ten again, after others', `${TEN}${'.'.repeat(60)}${TEN}`, [9, 79]],
])('%s', (_, yielded, pauses) => {
  expect(pausesOf(yielded)).toEqual(pauses);
});

test('a lane is paused for a minute', () => {
  expect(LANE_PAUSE_MS).toBe(60_000);
});
