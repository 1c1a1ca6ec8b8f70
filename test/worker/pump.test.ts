import type { Input } from '../../relay/machine/turn/input.ts';
import type { Effect } from '../../relay/machine/turn/effect.ts';
import type { LinkReport, OnReport } from '../../relay/model/link.ts';
import type { QueuedMessage } from '../../relay/protocol/queue/queued.ts';
import { Pump } from '../../worker/pump.ts';
import { soon } from '../../worker/platform/soon.ts';

const notHere = () => Promise.reject(new Error('nobody asks for this here'));
const MESSAGE: QueuedMessage = {
  senderId: '1',
  acceptedAtMs: 0,
  message: { message_id: 'm1', to: 'a', priority: 'normal', time_to_live: 60 },
};
const LEASED = {
  data: Buffer.from('{}'),
  attributes: {},
  deliveryAttempt: 1,
  ack: () => undefined,
  nack: () => undefined,
};
const ACK = (messageId: string): LinkReport => ({ kind: 'accepted', messageId });

/** A pump whose machine writes down its turns and asks for what it is told to. */
class Rig {
  readonly turns: string[][] = [];
  readonly defects: unknown[] = [];
  /** By kind of input: what the machine asks for when it hears of it. */
  readonly effects: Partial<Record<Input['kind'], () => Effect>> = {};
  report: OnReport = () => undefined;
  readonly pump = new Pump({
    relay: {
      on: (inputs) => {
        this.turns.push(
          inputs.map((input) =>
            input.kind !== 'link'
              ? input.kind
              : input.report.kind === 'accepted'
                ? `ack ${input.report.messageId}`
                : input.report.kind,
          ),
        );
        return inputs.flatMap(({ kind }) => this.effects[kind]?.() ?? []);
      },
    },
    senderId: '1',
    messages: { read: () => Promise.resolve(undefined), create: notHere, update: notHere },
    registrations: { mark: notHere },
    events: { publish: notHere },
    deadLetter: notHere,
    pulls: { pause: () => undefined, resume: () => undefined },
    connect: (report) => {
      this.report = report;
      const nothing = () => undefined;
      return {
        send: nothing,
        ackUpstream: nothing,
        abandon: nothing,
        ping: nothing,
        close: notHere,
        destroy: nothing,
      };
    },
    observe: () => undefined,
    now: () => 0,
    soon,
    wakeAfter: () => () => undefined,
    onDefect: (error) => this.defects.push(error),
  });

  /** With an open connection. */
  static async connected(): Promise<Rig> {
    const rig = new Rig();
    rig.effects.woke = () => ({ kind: 'connect', connection: 'c1' });
    rig.pump.start();
    await done();
    rig.turns.length = 0;
    return rig;
  }
}

/** All that runs now, and what follows from it without waiting. */
const done = () => new Promise<void>((resolve) => setImmediate(resolve));

test('the reports of a chunk are one turn, in their order; those of the next chunk another', async () => {
  const rig = await Rig.connected();
  for (const id of ['m1', 'm2', 'm3']) rig.report(ACK(id));
  expect(rig.turns).toEqual([]);
  await done();
  rig.report(ACK('m4'));
  await done();
  expect(rig.turns).toEqual([['ack m1', 'ack m2', 'ack m3'], ['ack m4']]);
});

test('the end of a connection belongs to the turn of its last reports: nothing is sent on it between the two', async () => {
  const rig = await Rig.connected();
  rig.report(ACK('m1'));
  // as Session does
  queueMicrotask(() => rig.report({ kind: 'closed', how: 'orderly', detail: 'the peer closed the stream' }));
  await done();
  expect(rig.turns).toEqual([['ack m1', 'closed']]);
});

test('the result of an effect is a turn of its own; answers that arrive together share one', async () => {
  const rig = await Rig.connected();
  rig.effects.pulled = () => ({ kind: 'read', messageId: 'm1' });
  for (let n = 0; n < 2; n++) rig.pump.pulled(LEASED, 'normal', MESSAGE);
  await done();
  expect(rig.turns).toEqual([
    ['pulled', 'pulled'],
    ['read', 'read'],
  ]);
});

test('a turn that throws is a defect, reported once', async () => {
  const rig = await Rig.connected();
  rig.effects.link = () => {
    throw new Error('ours');
  };
  for (const id of ['m1', 'm2']) rig.report(ACK(id));
  await done();
  expect(rig.defects).toEqual([new Error('ours')]);
});
