import { COSTS, PRICES_AS_OF, REGION } from './costs.ts';
import { DAY_SECONDS, MONTH_SECONDS, type Inputs } from './inputs.ts';
import type { Plan } from './plan.ts';

/** 12 345; 1.5; 0.02: three significant digits, thousands apart. */
export function amount(value: number): string {
  if (value >= 100 || Number.isInteger(value))
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ' ');
  return value === 0 ? '0' : Number(value.toPrecision(3)).toString();
}

const SCALE = ['', ' k', ' M', ' G', ' T', ' P'];
/** 12.3 k, 4 M: for bytes and other large counts. */
export function short(value: number): string {
  const step = value < 10_000 ? 0 : Math.min(SCALE.length - 1, Math.floor(Math.log10(value) / 3));
  return `${amount(Number((value / 1_000 ** step).toPrecision(3)))}${SCALE[step] ?? ''}`;
}

const bytes = (value: number): string => short(value).replace(/^([\d. ]*\d) ?/, '$1 ') + 'B';

type Row = readonly [name: string, value: string, note: string];

/** Names to the left, values to the right. */
function section(title: string, rows: readonly Row[]): string {
  const widest = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const [first, second] = [widest(0), widest(1)];
  return [
    title,
    ...rows.map(([name, value, note]) => `  ${name.padEnd(first)}  ${value.padStart(second)}  ${note}`),
  ].join('\n');
}

/** For a tired reader: what is needed first, then the bill, then what stands in the way. */
export const reportOf = (inputs: Inputs, plan: Plan): string =>
  [head(inputs), needs(inputs, plan), stores(plan), bill(plan), limits(plan), costs()].join('\n\n');

const head = ({ peakPerSecond, averagePerSecond, latencyMs, payloadBytes }: Inputs): string =>
  `${amount(peakPerSecond)} messages/s at the peak, ${short(averagePerSecond * DAY_SECONDS)} a day, ` +
  `${short(averagePerSecond * MONTH_SECONDS)} a month; CCS answers in ${latencyMs} ms; ${payloadBytes} bytes of data`;

function needs({ cpuUse, windowUse, spareWorkers }: Inputs, { window, workers, functions }: Plan): string {
  const [byCpu, byConnections] = [workers.perSecondByCpu, workers.perSecondByConnections];
  return section('NEEDED', [
    [
      'connections',
      amount(window.connections),
      `${amount(window.pending)} messages pending, ${Math.round(windowUse * 100)} % of each window used`,
    ],
    [
      'workers, 1 vCPU each',
      amount(workers.total),
      `${workers.byCpu} by CPU, ${workers.byConnections} by connections, ${spareWorkers} spare; ` +
        `FCM_CONNECTIONS=${workers.connectionsEach}`,
    ],
    [
      'one worker carries',
      `${amount(Math.min(byCpu, byConnections))}/s`,
      `${amount(byCpu)} by CPU (${Math.round(cpuUse * 100)} % used), ${amount(byConnections)} by connections`,
    ],
    [
      'function instances',
      amount(functions.instances),
      `${amount(functions.callsPerSecond)} calls/s, ${amount(functions.cpu)} vCPUs at work`,
    ],
  ]);
}

const stores = ({ firestore, pubsub }: Plan): string =>
  section('FIRESTORE AND PUB/SUB', [
    ['writes', `${amount(firestore.writesPerSecond)}/s`, `${amount(firestore.writesPerMessage)} per message`],
    ['reads', `${amount(firestore.readsPerSecond)}/s`, `${firestore.readsPerMessage} per message`],
    ['deletes', `${amount(firestore.deletesPerSecond)}/s`, `TTL policy, after ${firestore.retentionDays} days`],
    [
      'documents',
      short(firestore.documents),
      `${amount(firestore.bytesPerMessage)} bytes each with index entries: ${short(firestore.storedGib)} GiB`,
    ],
    ...pubsub.flows.map(({ name, perSecond, messageBytes, publishedBytes, deliveredBytes }): Row => [
      name,
      `${short(perSecond)}/s`,
      `${amount(messageBytes)} bytes; billed ` +
        `${bytes(publishedBytes)}/s published, ${bytes(deliveredBytes)}/s delivered`,
    ]),
  ]);

const bill = ({ bill: lines, usdPerMonth, usdPerMillion }: Plan): string =>
  section(`USD A MONTH (public list prices of ${REGION} as of ${PRICES_AS_OF}; yours differ)`, [
    ...lines
      .filter(({ quantity }) => quantity > 0)
      .map(({ item, usd, quantity, unit, unitUsd }): Row => [
        item,
        amount(Math.round(usd)),
        `${short(quantity)} × ${unit} at ${unitUsd}`,
      ]),
    ['total', amount(Math.round(usdPerMonth)), `${usdPerMillion.toFixed(2)} per million messages`],
  ]);

const limits = ({ limits: uses }: Plan): string =>
  section(
    'LIMITS, IN THE ORDER IN WHICH A GROWING RATE MEETS THEM (defaults)',
    uses.map(({ name, metAtPerSecond, used, limit, unit, remedy }) => [
      name,
      `${short(metAtPerSecond)}/s`,
      `${used >= limit ? 'MET' : '   '}  ${short(used)} of ${short(limit)} ${unit}: ${remedy}`,
    ]),
  );

const costs = (): string =>
  section(
    'CPU TIME PER MESSAGE',
    Object.entries(COSTS).map(([name, { micros, how }]) => [name, `${amount(micros)} µs`, how]),
  );
