import { queueSigner } from '../../relay/model/signer.ts';
import { hashesOf } from '../../relay/model/token-hash.ts';
import { canonicalContent } from '../../relay/protocol/legacy/content.ts';
import { encodeQueued } from '../../relay/protocol/queue/queued.ts';
import { LanePuller } from '../../worker/lane-puller.ts';
import { openLog } from '../../worker/observe/log.ts';
import { failing, key, record, request, SENDER, START_MS } from '../relay/service/service-world.ts';
import { MemoryDeadLetters } from '../support/memory/dead-letters.ts';
import { MemoryLaneSource } from '../support/memory/lane-source.ts';
import { MemoryMessageStore } from '../support/memory/message-store.ts';

const KEYS = { current: 'the key of this worker' };
const signer = queueSigner(KEYS);
const hashes = hashesOf(KEYS);
const queued = { ...request(), acceptedAtMs: START_MS, owner: 'key:shop' };
const ENVELOPE = encodeQueued(queued);
const VERSION_1 = Buffer.from(
  JSON.stringify({ v: 1, sender_id: SENDER, accepted_at: START_MS, message: queued.message }),
);
const VERSION_3 = Buffer.from('{"v":3}');

/** A lane, what takes from it, and a clock that stands still until it is told to go on. */
class Rig {
  readonly source = new MemoryLaneSource();
  readonly documents = new MemoryMessageStore();
  readonly deadLetters = new MemoryDeadLetters();
  readonly pulled: unknown[] = [];
  readonly counted: string[] = [];
  readonly lines: Record<string, unknown>[] = [];
  readonly puller: LanePuller;
  nowMs = START_MS;
  #wake: { readonly atMs: number; readonly act: () => void } | undefined;

  constructor() {
    this.puller = new LanePuller(
      { priority: 'normal', subscription: 'a-lane-worker', source: this.source },
      {
        senderId: SENDER,
        signer,
        hashes,
        documents: this.documents,
        deadLetters: this.deadLetters,
        pump: {
          pulled: (message, _lane, one) => {
            this.pulled.push(one);
            message.ack();
          },
        },
        log: openLog('debug', (line) => this.lines.push(JSON.parse(line) as Record<string, unknown>)),
        metrics: {
          pulled: () => undefined,
          poisoned: (reason) => this.counted.push(reason),
          anomaly: (kind) => this.counted.push(kind),
        },
        now: () => this.nowMs,
        wakeAfter: (delayMs, act) => {
          this.#wake = { atMs: this.nowMs + delayMs, act };
          return () => (this.#wake = undefined);
        },
      },
    );
    this.puller.start();
  }

  pass(ms: number): void {
    this.nowMs += ms;
    if (this.#wake === undefined || this.#wake.atMs > this.nowMs) return;
    const { act } = this.#wake;
    this.#wake = undefined;
    act();
  }

  async push(data: Buffer, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    this.source.push(data, attributes);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an envelope with our mac goes to the pump', async () => {
  const rig = new Rig();
  await rig.push(ENVELOPE, { mac: signer.sign(ENVELOPE) });
  expect(rig.pulled).toEqual([queued]);
  expect(rig.deadLetters.letters).toEqual([]);
});

test('a forged envelope is dead-lettered as it came, under no id, with an alarm, and nothing is read or sent for it', async () => {
  const rig = new Rig();
  rig.documents.put(key(), record());
  rig.documents.faults.before = failing('read');
  const attributes = { message_id: 'm-1', v: '2', mac: queueSigner({ current: 'a guess of the key' }).sign(ENVELOPE) };
  await rig.push(ENVELOPE, attributes);
  expect(rig.pulled).toEqual([]);
  expect(rig.deadLetters.letters).toEqual([
    {
      payload: Uint8Array.from(ENVELOPE),
      reason: 'QUEUE_NOT_SIGNED',
      detail: expect.any(String),
      origin: 'a-lane-worker',
      senderId: SENDER,
      attributes,
    },
  ]);
  expect(rig.source.acked).toHaveLength(1);
  expect(rig.counted).toEqual(['QUEUE_NOT_SIGNED']);
  expect(rig.lines).toMatchObject([{ severity: 'ERROR', reason: 'QUEUE_NOT_SIGNED' }]);
  expect(JSON.stringify(rig.lines)).not.toMatch(/m-1|dKfj3kLm/);
});

test('a forged envelope that cannot be dead-lettered now goes back', async () => {
  const rig = new Rig();
  rig.deadLetters.faults.before = failing('put', 1);
  await rig.push(ENVELOPE);
  expect(rig.source.nacked).toHaveLength(1);
  expect(rig.deadLetters.letters).toHaveLength(1); // the second time
});

describe('version 1', () => {
  const unowned = { ...request(), acceptedAtMs: START_MS };

  test('is taken where the document has its content', async () => {
    const rig = new Rig();
    rig.documents.put(key(), record({ contentHash: hashes.hash(canonicalContent(queued)) }));
    await rig.push(VERSION_1);
    expect(rig.pulled).toEqual([unowned]);
  });

  test.each([
    ['there is no document', undefined],
    ["its document is another message's", { contentHash: 'another' }],
    ['its document says nothing of the content', {}],
  ])('is dead-lettered where %s', async (_name, standing) => {
    const rig = new Rig();
    if (standing !== undefined) rig.documents.put(key(), record(standing));
    await rig.push(VERSION_1);
    expect(rig.pulled).toEqual([]);
    expect(rig.counted).toEqual(['QUEUE_NOT_SIGNED']);
  });

  test('goes back where its document cannot be read', async () => {
    const rig = new Rig();
    rig.documents.put(key(), record({ contentHash: hashes.hash(canonicalContent(queued)) }));
    rig.documents.faults.before = failing('read', 1);
    await rig.push(VERSION_1);
    expect(rig.source.nacked).toHaveLength(1);
    expect(rig.pulled).toHaveLength(1); // the second time
  });
});

describe('a newer version', () => {
  test('is always nacked, never dead-lettered; ten in a row pause the lane for a minute', async () => {
    const rig = new Rig();
    await rig.push(VERSION_3);
    expect(rig.source.nacked).toHaveLength(10);
    expect(rig.deadLetters.letters).toEqual([]);
    expect(rig.counted).toEqual([...Array<string>(10).fill('unknownQueueVersion'), 'lanePaused']);
    expect(rig.lines.every(({ severity }) => severity === 'ERROR')).toBe(true);
    rig.pass(59_999);
    await settled();
    expect(rig.source.nacked).toHaveLength(10);
    rig.pass(1);
    await settled();
    expect(rig.source.nacked).toHaveLength(11); // one look a minute
  });

  test('does not delay good messages', async () => {
    const rig = new Rig();
    await rig.push(VERSION_3);
    await rig.push(ENVELOPE, { mac: signer.sign(ENVELOPE) });
    expect(rig.pulled).toEqual([]);
    rig.pass(60_000);
    await settled();
    expect(rig.pulled).toEqual([queued]);
  });

  test('leaves no timer that restarts a stopped lane', async () => {
    const rig = new Rig();
    await rig.push(VERSION_3);
    rig.puller.stop();
    rig.pass(120_000);
    await settled();
    expect(rig.source.nacked).toHaveLength(10);
  });
});
