import { logText } from '../../../relay/model/log-text.ts';

// Unicode's Bidi_Control, all of it: https://www.unicode.org/reports/tr9/
const BIDI = [0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];

test.each(BIDI)('U+%# of those that turn the direction of writing does not reach a log', (point) => {
  expect(logText(`a${String.fromCodePoint(point)}b`)).toBe('a b');
});
