import { figuresOf, type Comparison } from './scenario.ts';
import { spreadOf } from './statistics.ts';
import { figure, type Turns, type TargetResult } from './verdict.ts';

const COLUMN = 11;
const NAME = 18;
const COLUMNS_AT_MOST = 13; // of a wide terminal
const ONE_DECIMAL_BELOW = 100;

const number = (value: number): string =>
  Math.abs(value) < ONE_DECIMAL_BELOW && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));

/**
 * One line a side: the rate's min, median and max, the medians of everything else. One column a side where there are
 * too many figures for that.
 */
export function table({ sides }: Comparison, turns: Turns): string {
  const rows = sides.map(({ name }) => {
    const figures = (turns[name] ?? []).map(figuresOf);
    const spread = (what: string) => spreadOf(figures.map((one) => figure(one, what)));
    const rate = spread('messages/s');
    const others = Object.keys(figures[0] ?? {}).filter((what) => what !== 'messages/s');
    return {
      name,
      cells: {
        'msg/s min': rate.min,
        median: rate.median,
        max: rate.max,
        ...Object.fromEntries(others.map((what) => [what, spread(what).median])),
      },
    };
  });
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))];
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(NAME) + cells.map((cell) => ` ${cell.padStart(COLUMN)}`).join('');
  const shown = (cells: Readonly<Record<string, number>>, column: string): string =>
    cells[column] === undefined ? '' : number(cells[column]);
  const lines =
    columns.length > COLUMNS_AT_MOST
      ? [
          line(
            '',
            rows.map(({ name }) => name),
          ),
          ...columns.map((column) =>
            line(
              column,
              rows.map(({ cells }) => shown(cells, column)),
            ),
          ),
        ]
      : [
          line('', columns),
          ...rows.map(({ name, cells }) =>
            line(
              name,
              columns.map((column) => shown(cells, column)),
            ),
          ),
        ];
  return lines.join('\n');
}

export function verdictLine({ target, ratio, outcome, excuse }: TargetResult): string {
  const { figure: what, side, beside, besideFigure, bound } = target;
  const wanted = 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
  const other =
    typeof beside === 'number'
      ? number(beside)
      : [besideFigure, beside].filter((part) => part !== undefined).join(', ');
  const reason = excuse === undefined ? '' : `: ${excuse}`;
  return `  ${what}, ${side} : ${other} = ${ratio.toFixed(3)}, to reach ${wanted}: ${outcome}${reason}`;
}
