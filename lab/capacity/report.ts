import type { Inputs } from './inputs.ts';
import type { Lever } from './levers.ts';
import { MEASURED } from './measured.ts';
import type { Plan } from './plan.ts';
import { PRICES_AS_OF, REGION } from './prices.ts';
import { DAY_SECONDS, MONTH_SECONDS } from './units.ts';

/** 12 345; 1.5; 0.02: three digits that say something, and no more. */
export function amount(value: number): string {
  if (value >= 100 || Number.isInteger(value))
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ' ');
  return value === 0 ? '0' : Number(value.toPrecision(3)).toString();
}

const SCALE = ['', ' k', ' M', ' G', ' T', ' P'];
/** 4 M, 1.23 G: for bytes and other large counts. */
export function short(value: number): string {
  const step = value < 10_000 ? 0 : Math.min(SCALE.length - 1, Math.floor(Math.log10(value) / 3));
  return `${amount(Number((value / 1_000 ** step).toPrecision(3)))}${SCALE[step] ?? ''}`;
}

const bytes = (value: number): string => short(value).replace(/^([\d. ]*\d) ?/, '$1 ') + 'B';

const duration = (minutes: number): string =>
  minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;

/** The first column as it is, the second to the right, what follows as it is. */
function table(rows: readonly (readonly [string, string, ...string[]])[]): string {
  const widthOf = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second, third] = [widthOf(0), widthOf(1), widthOf(2)];
  return rows
    .map(([name, value, next = '', ...rest]) =>
      `  ${name.padEnd(first)}  ${value.padStart(second)}  ${next.padEnd(rest.length > 0 ? third : 0)}  ${rest.join('  ')}`.trimEnd(),
    )
    .join('\n');
}

const section = (title: string, rows: readonly (readonly [string, string, ...string[]])[]): string =>
  `${title}\n${table(rows)}`;

/** For a tired person: what is needed first, then the bill, then what stands in the way. */
export function reportOf(inputs: Inputs, plan: Plan, levers: readonly Lever[]): string {
  return [
    head(inputs),
    needs(inputs, plan),
    stores(plan),
    bill(plan),
    lever(levers),
    limits(plan),
    ramp(plan),
    grounds(),
  ].join('\n\n');
}

const head = ({ peakPerSecond, averagePerSecond, latencyMs, payloadBytes }: Inputs): string =>
  `${amount(peakPerSecond)} messages/s at the peak, ${short(averagePerSecond * DAY_SECONDS)} a day, ${short(averagePerSecond * MONTH_SECONDS)} a month; CCS answers in ${latencyMs} ms; ${payloadBytes} bytes of data`;

const needs = ({ cpuUse, windowUse, spareWorkers }: Inputs, { window, workers, functions }: Plan): string =>
  section('TO RUN IT', [
    [
      'connections',
      amount(window.connections),
      `${amount(window.pending)} messages pending; ${Math.round(windowUse * 100)} % of each window planned with`,
    ],
    [
      'workers, 1 vCPU each',
      amount(workers.total),
      `${workers.byCpu} by CPU, ${workers.byConnections} by connections, ${spareWorkers} spare; FCM_CONNECTIONS=${workers.connectionsEach}`,
    ],
    [
      'one worker carries',
      amount(Math.min(workers.perSecondByCpu, workers.perSecondByConnections)),
      `messages/s: ${amount(workers.perSecondByCpu)} by CPU (${Math.round(cpuUse * 100)} % used), ${amount(workers.perSecondByConnections)} by connections`,
    ],
    [
      'function instances',
      amount(functions.instances),
      `${amount(functions.callsPerSecond)} calls/s, ${amount(functions.cpu)} vCPUs at work`,
    ],
  ]);

const stores = ({ firestore, pubsub }: Plan): string =>
  section('FIRESTORE AND PUB/SUB', [
    ['writes/s', amount(firestore.writesPerSecond), `${amount(firestore.writesPerMessage)} a message`],
    ['reads/s', amount(firestore.readsPerSecond), `${firestore.readsPerMessage} a message`],
    ['deletes/s', amount(firestore.deletesPerSecond), `by the TTL policy, after ${firestore.retentionDays} days`],
    [
      'documents',
      short(firestore.documents),
      `${amount(firestore.bytesPerMessage)} bytes each with its index entries: ${short(firestore.storedGib)} GiB`,
    ],
    ...pubsub.flows.map(
      ({ name, publishedBytes, deliveredBytes, messageBytes, perSecond }): [string, string, string] => [
        name,
        `${short(perSecond)}/s`,
        `${amount(messageBytes)} bytes each; as billed ${bytes(publishedBytes)}/s published, ${bytes(deliveredBytes)}/s delivered`,
      ],
    ),
  ]);

const bill = ({ bill: lines, usdPerMonth, usdPerMillion }: Plan): string =>
  section(`A MONTH, USD (public list prices of ${REGION} as known on ${PRICES_AS_OF}; put in your own)`, [
    ...lines
      .filter(({ quantity }) => quantity > 0)
      .map(({ item, usd, quantity, unit, unitUsd }): [string, string, string] => [
        item,
        amount(Math.round(usd)),
        `${short(quantity)} × ${unit} at ${unitUsd}`,
      ]),
    ['together', amount(Math.round(usdPerMonth)), `${usdPerMillion.toFixed(2)} a million messages`],
  ]);

const lever = (levers: readonly Lever[]): string =>
  section(
    'THE SAME WITH',
    levers.map(({ change, usdPerMonth, workers }) => [
      change,
      amount(Math.round(usdPerMonth)),
      `USD, ${workers} workers`,
    ]),
  );

const limits = ({ limits: uses }: Plan): string =>
  section(
    'LIMITS, IN THE ORDER IN WHICH THEY ARE MET (defaults)',
    uses.map(({ name, metAtPerSecond, used, limit, unit, remedy }) => [
      name,
      `${short(metAtPerSecond)}/s`,
      used >= limit ? 'MET ' : '',
      `${short(used)} of ${short(limit)} ${unit}: ${remedy}`,
    ]),
  );

function ramp({ ramp: { firestoreMinutes, firestoreSteps, fcmSeconds, fcmRollout, tellFcm } }: Plan): string {
  const some = firestoreSteps.filter((_, step) => step % 3 === 0 || step === firestoreSteps.length - 1);
  return section('TO BEGIN SLOWLY', [
    [
      'Firestore, 500/50/5',
      duration(firestoreMinutes),
      some.map(({ minute, messagesPerSecond }) => `${minute}′ ${short(messagesPerSecond)}/s`).join(', '),
    ],
    [
      'FCM, each time',
      `${fcmSeconds} s`,
      'from 0 to the full rate at least, longer for more; none in the 2 minutes around :00, :15, :30, :45',
    ],
    [
      'FCM, the first time',
      `${fcmRollout.length} steps`,
      `${fcmRollout.map(({ messagesPerSecond }) => short(messagesPerSecond)).join(', ')} messages/s: each over an hour, then a day to a week`,
    ],
    ['tell FCM before', tellFcm ? 'yes' : 'no', 'from 30 000/s more on a continent, or 100 000/s in the world'],
  ]);
}

const grounds = (): string =>
  [
    'CPU TIME A MESSAGE',
    ...Object.entries(MEASURED).map(
      ([name, { micros, how }]) => `  ${name.padEnd(15)} ${amount(micros).padStart(6)} µs  ${how}`,
    ),
  ].join('\n');
