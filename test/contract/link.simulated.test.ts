import { XMPP_TRAITS } from '../../relay/adapters/xmpp/link.ts';
import { FAILS } from '../../lab/simulation/ccs-answers.ts';
import { SimulatedCcs } from '../../lab/simulation/ccs.ts';
import { Clock } from '../../lab/simulation/clock.ts';
import { SimulatedConnection } from '../../lab/simulation/connection.ts';
import { Dice } from '../../lab/simulation/dice.ts';
import { Journal } from '../../lab/simulation/journal.ts';
import type { Line } from '../../lab/simulation/line.ts';
import { Process } from '../../lab/simulation/process.ts';
import type { Environment } from '../../lab/simulation/environment.ts';
import { CALM } from '../../lab/simulation/faults.ts';
import { linkContract } from './link.contract.ts';

linkContract('simulated', () => {
  const clock = new Clock();
  const journal = new Journal(clock, () => undefined, false);
  const env: Environment = { clock, journal, dice: new Dice(1), faults: CALM };
  const ccs = new SimulatedCcs(env);
  const process = new Process(1, clock);
  let made = 0;
  const each = (act: (line: Line) => void): Promise<void> => {
    [...ccs.lines].forEach(act);
    return Promise.resolve();
  };
  return Promise.resolve({
    transport: {
      traits: XMPP_TRAITS,
      connect: (report) => {
        const [handed, acked] = [() => undefined, () => undefined];
        return new SimulatedConnection({ name: `w1/c${++made}`, process, env, ccs, report, handed, acked });
      },
    },
    refused: { to: `${FAILS}1`, verdict: 'retry', code: 'INTERNAL_SERVER_ERROR' },
    silence: () => Promise.resolve(void (env.faults = { ...CALM, noAnswer: 1 })),
    refuseLogins: () => Promise.resolve(void (env.faults = { ...CALM, loginRefused: 1 })),
    upstream: (messageId, from) => {
      ccs.sendUpstream(messageId, from);
      return Promise.resolve();
    },
    isAcked: () => Promise.resolve(ccs.upstreamOpen === 0),
    drain: () => each((line) => ccs.drain(line)),
    hangUp: () => each((line) => ccs.lose(line, 'orderly')),
    reset: () => each((line) => ccs.lose(line, 'failed')),
    pass: () => clock.run(50, () => false).then(() => undefined),
    calm: () => Promise.resolve(void (env.faults = CALM)),
    close: () => Promise.resolve(),
  });
});
