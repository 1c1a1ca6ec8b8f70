import type { RelayConfig } from '../../../relay/machine/turn/config.ts';
import type { Effect } from '../../../relay/machine/turn/effect.ts';
import type { Input } from '../../../relay/machine/turn/input.ts';
import { isTerminal } from '../../../relay/model/record.ts';
import type { QueuedMessage } from '../../../relay/protocol/queue/queued.ts';
import type { InvariantName } from '../../../lab/simulation/judge.ts';
import {
  realMachine,
  realPump,
  type Machine,
  type MakeMachine,
  type MakePump,
} from '../../../lab/simulation/machine.ts';
import { run } from '../../../lab/simulation/run.ts';
import type { Scenario } from '../../../lab/simulation/scenario.ts';
import { CALM, type Faults } from '../../../lab/simulation/faults.ts';
import { Pump, type Leased, type PumpParts } from '../../../worker/pump.ts';

/** The real machine with something done to what it hears or says. */
interface Tampering {
  readonly config?: Partial<RelayConfig>;
  readonly faults?: Partial<Faults>;
  /** What it hears instead; nothing where that is `undefined`. */
  readonly hears?: (input: Input) => Input | undefined;
  readonly says?: (effect: Effect, input: Input) => readonly Effect[];
}

const SCENARIO: Scenario = {
  seed: 3,
  faults: CALM,
  connections: 2,
  pendingLimit: 5,
  holdLimit: 20,
  messages: 60,
  upstream: 10,
  faultsMs: 30_000,
};

const tampered =
  ({ config = {}, hears = (input) => input, says = (effect) => [effect] }: Tampering): MakeMachine =>
  (given, random): Machine => {
    const real = realMachine({ ...given, ...config }, random);
    return {
      status: () => real.status(),
      on: (inputs, nowMs) =>
        inputs.flatMap((input) => {
          const heard = hears(input);
          return heard === undefined ? [] : real.on([heard], nowMs).flatMap((effect) => says(effect, input));
        }),
    };
  };

async function brokenBy(tampering: Tampering, makePump: MakePump = realPump): Promise<Set<InvariantName>> {
  const scenario = { ...SCENARIO, faults: { ...CALM, ...tampering.faults } };
  const { violations } = await run(scenario, { make: tampered(tampering), makePump, restLimitMs: 600_000 });
  return new Set(violations.map(({ invariant }) => invariant));
}

const isDownstream = (effect: Effect): boolean => effect.kind === 'send';
const isUpstreamAck = (effect: Effect): boolean => effect.kind === 'ackUpstream';

/** Repeats the first send of each message when its end has been announced. */
function sendsAgain(): NonNullable<Tampering['says']> {
  const sent = new Map<string, Effect>();
  return (effect) => {
    if (effect.kind === 'send') sent.set(effect.message.messageId, effect);
    const again = effect.kind === 'announce' ? sent.get(effect.messageId) : undefined;
    return again === undefined ? [effect] : [effect, again];
  };
}

/** Acks on the connection that opened last, wherever the message came in. */
function acksOnTheNewest(): Pick<Tampering, 'hears' | 'says'> {
  let newest = '';
  return {
    hears: (input) => {
      if (input.kind === 'link' && input.report.kind === 'opened') newest = input.connection;
      return input;
    },
    says: (effect) => [isUpstreamAck(effect) ? ({ ...effect, connection: newest } as Effect) : effect],
  };
}

/** Changes a document once more after it has settled. */
function changesTheEnd(): Pick<Tampering, 'hears' | 'says'> {
  const settling = new Set<string>();
  const late: Effect[] = [];
  return {
    hears: (input) => {
      if (input.kind === 'written' && settling.delete(input.messageId))
        late.push({
          kind: 'write',
          messageId: input.messageId,
          version: input.version,
          change: { state: 'sent', updatedAtMs: 0 },
        });
      return input;
    },
    says: (effect) => {
      if (effect.kind === 'write' && effect.change.state !== undefined && isTerminal(effect.change.state))
        settling.add(effect.messageId);
      return [effect, ...late.splice(0)];
    },
  };
}

function throwsOnClose(input: Input): Input {
  if (input.kind === 'link' && input.report.kind === 'closed') throw new Error('IllegalTransition');
  return input;
}

const SABOTAGE: readonly (readonly [what: string, invariant: InvariantName, tampering: () => Tampering])[] = [
  [
    'sends each message twice',
    'duplicatesAreExplained',
    () => ({ says: (effect) => (isDownstream(effect) ? [effect, effect] : [effect]) }),
  ],
  ['sends again what has ended', 'nothingAfterTheEnd', () => ({ says: sendsAgain() })],
  [
    'takes a window for twice as large',
    'window',
    () => ({ config: { pendingLimit: 10 }, faults: { burst: 1, latencyMs: 4_000 } }),
  ],
  [
    'does not hear of draining',
    'draining',
    () => ({
      faults: { drainEveryMs: 3_000 },
      hears: (input) =>
        input.kind === 'link' &&
        (input.report.kind === 'draining' || (input.report.kind === 'refused' && input.report.verdict === 'reroute'))
          ? undefined
          : input,
    }),
  ],
  ['acks upstream on the newest connection', 'ackOnItsConnection', () => acksOnTheNewest()],
  [
    'forgets upstream acks',
    'publishedThenAcked',
    () => ({ says: (effect) => (isUpstreamAck(effect) ? [] : [effect]) }),
  ],
  [
    'acks upstream before it is published',
    'publishedThenAcked',
    () => ({
      says: (effect, input) =>
        effect.kind === 'publish' && input.kind === 'link' && input.report.kind === 'upstream'
          ? [
              {
                kind: 'ackUpstream',
                connection: input.connection,
                from: input.report.from,
                messageId: input.report.messageId,
              },
              effect,
            ]
          : [effect],
    }),
  ],
  [
    'tries refused credentials at once',
    'patience',
    () => ({ config: { refusedRetryMs: 100 }, faults: { loginRefused: 1 } }),
  ],
  [
    'loses every message that it pulls',
    'conservation',
    () => ({ hears: (input) => (input.kind === 'pulled' ? undefined : input) }),
  ],
  ['changes what has settled', 'terminalIsFinal', () => changesTheEnd()],
  [
    'takes a refusal for an ack',
    'truth',
    () => ({
      faults: { refuse: 0.5 },
      hears: (input) =>
        input.kind === 'link' && input.report.kind === 'refused'
          ? { ...input, report: { kind: 'accepted', messageId: input.report.messageId } }
          : input,
    }),
  ],
  [
    'says "expired" of what FCM may have',
    'truth',
    () => ({
      faults: { shortTtl: 1, noAnswer: 0.5, resetEveryMs: 2_000 },
      says: (effect) =>
        effect.kind === 'write' && effect.change.state === 'unknown'
          ? [{ ...effect, change: { ...effect.change, state: 'expired' } }]
          : [effect],
    }),
  ],
  [
    'acks leases without a word to anybody',
    'announcedThenAcked',
    () => ({ says: (effect) => (effect.kind === 'announce' ? [{ ...effect, events: [] }] : [effect]) }),
  ],
  [
    'does not look at times to live',
    'timeToLive',
    () => ({
      faults: { shortTtl: 1, ccsAwayEveryMs: 8_000 },
      hears: (input) =>
        input.kind === 'pulled'
          ? { ...input, message: { ...input.message, acceptedAtMs: input.message.acceptedAtMs + 86_400_000 } }
          : input,
    }),
  ],
  [
    'never notes that it has sent something',
    'cancelledIsNotAtCcs',
    () => ({
      faults: { cancel: 1, slowAnswers: 1 },
      says: (effect) => (effect.kind === 'write' && effect.change.state === 'sent' ? [] : [effect]),
    }),
  ],
  [
    'does not hear that it shall stop',
    'stopEnds',
    () => ({ faults: { rolloutEveryMs: 5_000 }, hears: (input) => (input.kind === 'stop' ? undefined : input) }),
  ],
  [
    'gives leases back and keeps the messages',
    'boundedMemory',
    () => ({
      faults: { burst: 1, latencyMs: 4_000 },
      says: (effect) =>
        effect.kind === 'read'
          ? [effect, ...[1, 2, 3].map((lease) => ({ kind: 'releaseLease', lease }) as const)]
          : [effect],
    }),
  ],
  [
    'takes from the high lane alone',
    'noStarvation',
    () => ({ hears: (input) => (input.kind === 'pulled' && input.lane === 'normal' ? undefined : input) }),
  ],
  ['throws', 'noDefect', () => ({ faults: { resetEveryMs: 5_000 }, hears: throwsOnClose })],
  [
    'asks to be woken without end',
    'noDefect',
    () => ({ says: (effect) => (effect.kind === 'wake' ? [{ ...effect, atMs: 0 }] : [effect]) }),
  ],
];

test('the scenario itself breaks nothing', async () => {
  expect([...(await brokenBy({}))]).toEqual([]);
});

test.each(SABOTAGE)('a machine that %s: %s is reported', async (_, invariant, tampering) => {
  expect([...(await brokenBy(tampering()))]).toContain(invariant);
});

/** Acks a lease when it comes, and once more when its message has ended. */
class AcksTwice extends Pump {
  override pulled(message: Leased, ...rest: [lane: 'high' | 'normal', queued: QueuedMessage]): void {
    message.ack();
    super.pulled(message, ...rest);
  }
}

class NeverStops extends Pump {
  override async stop(withinMs: number): Promise<void> {
    await super.stop(withinMs);
    await new Promise(() => undefined);
  }
}

const never = <T>(): Promise<T> => new Promise(() => undefined);

/** One answer of the store does not come back to the machine. */
function losesOneWritten(parts: PumpParts): Pump {
  const { messages } = parts;
  let lost = false;
  const update: typeof messages.update = async (key, version, change) => {
    const answer = await messages.update(key, version, change);
    if (lost) return answer;
    lost = true;
    return await never();
  };
  return new Pump({
    ...parts,
    messages: { read: (key) => messages.read(key), create: (key, record) => messages.create(key, record), update },
  });
}

function writesTwice({ connect, ...parts }: PumpParts): Pump {
  return new Pump({
    ...parts,
    connect: (report) => {
      const link = connect(report);
      return {
        send: (message, ttlSeconds) => [1, 2].forEach(() => link.send(message, ttlSeconds)),
        ackUpstream: (from, messageId) => link.ackUpstream(from, messageId),
        abandon: (messageId) => link.abandon(messageId),
        ping: () => link.ping(),
        close: (graceMs) => link.close(graceMs),
        destroy: () => link.destroy(),
      };
    },
  });
}

const neverWakes = (parts: PumpParts): Pump => new Pump({ ...parts, wakeAfter: () => () => undefined });

const PUMPS: readonly (readonly [
  what: string,
  invariant: InvariantName,
  faults: Partial<Faults>,
  makePump: MakePump,
])[] = [
  ['acks each lease twice, the first time too early', 'announcedThenAcked', {}, (parts) => new AcksTwice(parts)],
  ['loses one answer of the store', 'conservation', {}, losesOneWritten],
  [
    'publishes events to nobody',
    'announcedThenAcked',
    {},
    (parts) => new Pump({ ...parts, events: { publish: () => Promise.resolve() } }),
  ],
  ['writes each frame twice', 'duplicatesAreExplained', {}, writesTwice],
  ['never wakes its machine', 'stopEnds', { rolloutEveryMs: 5_000, noAnswer: 1 }, neverWakes],
  ['does not end when it is stopped', 'stopEnds', { rolloutEveryMs: 5_000 }, (parts) => new NeverStops(parts)],
];

test.each(PUMPS)('a pump that %s: %s is reported', async (_, invariant, faults, makePump) => {
  expect([...(await brokenBy({ faults }, makePump))]).toContain(invariant);
});
