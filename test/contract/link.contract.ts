import type { Link, LinkReport, Transport } from '../../relay/model/link.ts';
import type { Verdict } from '../../relay/model/verdict.ts';

/** FCM's end of the links under test, as a test steers it. */
export interface FarEnd {
  readonly transport: Transport;
  /** A target whose messages it refuses, and how. */
  readonly refused: { readonly to: string; readonly verdict: Verdict; readonly code: string };
  /** From now on messages get no answer. */
  silence(): Promise<void>;
  refuseLogins(): Promise<void>;
  /** A device sends a message, which goes out on the open link. */
  upstream(messageId: string, from: string): Promise<void>;
  isAcked(messageId: string): Promise<boolean>;
  drain(): Promise<void>;
  hangUp(): Promise<void>;
  reset(): Promise<void>;
  /** Lets some time pass, real or virtual. */
  pass(): Promise<void>;
  /** Ends whatever a test has asked for. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

const TOKEN = 'aDevice:APA91bTokenThatIsLongEnoughToBeOne_0123456789';
const MOST_PASSES = 500;
const QUIET_PASSES = 5; // long enough for what should not come to come
const GRACE_MS = 1_000;

/** A link and everything that it has reported. It throws where a report comes from within a call. */
class Witness {
  readonly reports: LinkReport[] = [];
  readonly #farEnd: FarEnd;
  readonly #link: Link;
  #isCalling = false;

  constructor(farEnd: FarEnd) {
    this.#farEnd = farEnd;
    this.#link = this.#calling(() =>
      farEnd.transport.connect((report) => {
        if (this.#isCalling) throw new Error(`"${report.kind}" was reported from within a call`);
        this.reports.push(report);
      }),
    );
  }

  static async opened(farEnd: FarEnd): Promise<Witness> {
    const witness = new Witness(farEnd);
    await witness.sees('opened');
    return witness;
  }

  /** Calls the link. */
  do<T>(act: (link: Link) => T): T {
    return this.#calling(() => act(this.#link));
  }

  send(messageId: string, to = TOKEN): void {
    const message = { message_id: messageId, to, priority: 'high', time_to_live: 60, data: { k: 'v' } } as const;
    this.do((link) => link.send({ messageId, content: { format: 'legacy', message } }, 60));
  }

  of<K extends LinkReport['kind']>(kind: K): Extract<LinkReport, { kind: K }>[] {
    return this.reports.filter((report): report is Extract<LinkReport, { kind: K }> => report.kind === kind);
  }

  /** All but signs of life, which may come at any time. */
  get kinds(): string[] {
    return this.reports.map(({ kind }) => kind).filter((kind) => kind !== 'heard');
  }

  async sees(kind: LinkReport['kind'], count = 1): Promise<void> {
    await this.until(`${count} × ${kind}`, () => Promise.resolve(this.of(kind).length >= count));
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (let passes = 0; !(await holds()); passes++) {
      if (passes > MOST_PASSES) throw new Error(`${what} did not come; reported: ${JSON.stringify(this.reports)}`);
      await this.#farEnd.pass();
    }
  }

  async quiet(): Promise<void> {
    for (let passes = 0; passes < QUIET_PASSES; passes++) await this.#farEnd.pass();
  }

  #calling<T>(act: () => T): T {
    this.#isCalling = true;
    const result = act();
    this.#isCalling = false;
    return result;
  }
}

/** What the core relies on, whatever the transport. */
export function linkContract(name: string, open: () => Promise<FarEnd>): void {
  describe(`Link: ${name}`, () => {
    let farEnd: FarEnd;
    beforeAll(async () => {
      farEnd = await open();
    });
    afterAll(() => farEnd.close());
    const witnesses: Witness[] = [];
    const opened = async (): Promise<Witness> => {
      const witness = await Witness.opened(farEnd);
      witnesses.push(witness);
      return witness;
    };
    afterEach(async () => {
      for (const witness of witnesses.splice(0)) {
        witness.do((link) => link.destroy());
        await witness.sees('closed');
      }
      await farEnd.calm();
    });
    describeSending(() => farEnd, opened);
    describeOther(() => farEnd, opened);
    describeEnds(() => farEnd, opened);
  });
}

type Current = () => FarEnd;
type Opened = () => Promise<Witness>;

function describeSending(current: Current, opened: Opened): void {
  test('opens once, with a limit', async () => {
    const witness = await opened();
    await witness.quiet();
    expect(witness.kinds).toEqual(['opened']);
    expect(witness.of('opened')[0]?.limit).toBeGreaterThan(0);
  });

  test('as many messages as the limit allows are accepted, each once', async () => {
    const witness = await opened();
    const ids = Array.from({ length: witness.of('opened')[0]?.limit ?? 0 }, (_, n) => `full-${n}`);
    for (const id of ids) witness.send(id);
    await witness.sees('accepted', ids.length);
    await witness.quiet();
    expect(witness.of('accepted').map(({ messageId }) => messageId)).toEqual(expect.arrayContaining(ids));
    expect(witness.kinds).toHaveLength(1 + ids.length);
  });

  test('a refusal comes once, with its verdict and a code', async () => {
    const witness = await opened();
    const { to, verdict, code } = current().refused;
    witness.send('refused', to);
    await witness.sees('refused');
    await witness.quiet();
    expect(witness.of('refused')).toMatchObject([{ messageId: 'refused', verdict, code }]);
    expect(witness.kinds).toEqual(['opened', 'refused']);
  });

  test('a repeat of a message id is dropped or taken, as the traits say', async () => {
    const witness = await opened();
    witness.send('repeated');
    await witness.sees('accepted');
    witness.send('repeated');
    if (!current().transport.traits.dropsRepeats) return await witness.sees('accepted', 2);
    await witness.sees('refused');
    expect(witness.of('refused')).toMatchObject([{ messageId: 'repeated', verdict: 'receivedBefore' }]);
  });

  test('where the traits say so, an unanswered message can be abandoned: its outcome is unknown, once', async () => {
    const witness = await opened();
    await current().silence();
    witness.send('abandoned');
    await witness.quiet();
    witness.do((link) => link.abandon('abandoned'));
    if (!current().transport.traits.abandonsSingly) {
      await witness.quiet();
      expect(witness.kinds).toEqual(['opened']);
      return;
    }
    await witness.sees('unknown');
    witness.do((link) => link.abandon('abandoned'));
    await witness.quiet();
    expect(witness.of('unknown')).toEqual([{ kind: 'unknown', messageId: 'abandoned' }]);
    expect(witness.kinds).toEqual(['opened', 'unknown']);
  });
}

function describeOther(current: Current, opened: Opened): void {
  test('an upstream message is reported with what the ack names, and its ack arrives', async () => {
    if (!current().transport.traits.carriesUpstream) return;
    const witness = await opened();
    await current().upstream('up-1', TOKEN);
    await witness.sees('upstream');
    const [{ messageId, from, data } = { messageId: '', from: '', data: undefined }] = witness.of('upstream');
    expect({ messageId, from }).toEqual({ messageId: 'up-1', from: TOKEN });
    expect(data).toEqual({ id: 'up-1' });
    expect(await current().isAcked('up-1')).toBe(false);
    witness.do((link) => link.ackUpstream(from, messageId));
    await witness.until('the ack', () => current().isAcked('up-1'));
  });

  test('draining is reported, and it goes on until it is closed', async () => {
    const witness = await opened();
    await current().drain();
    await witness.sees('draining');
    witness.do((link) => link.ping());
    const heard = witness.of('heard').length;
    await witness.sees('heard', heard + 1);
    expect(witness.kinds.slice(0, 2)).toEqual(['opened', 'draining']);
  });

  test('the answer to a ping is a sign of life', async () => {
    const witness = await opened();
    await witness.quiet();
    const before = witness.of('heard').length;
    witness.do((link) => link.ping());
    await witness.sees('heard', before + 1);
  });
}

function describeEnds(current: Current, opened: Opened): void {
  test('refused credentials are reported, and then the end; it never opens', async () => {
    await current().refuseLogins();
    const witness = new Witness(current());
    await witness.sees('closed');
    await witness.quiet();
    expect(witness.kinds).toEqual(['credentialsRefused', 'closed']);
  });

  test.each([
    ['in good order', 'hangUp', 'orderly'],
    ['by a reset', 'reset', 'failed'],
  ] as const)('the far end ends it %s: closed once', async (_, end, how) => {
    const witness = await opened();
    await current()[end]();
    await witness.sees('closed');
    await witness.quiet();
    expect(witness.of('closed')).toMatchObject([{ how }]);
    expect(witness.kinds).toEqual(['opened', 'closed']);
  });

  test('a close resolves when it is over, and is reported once', async () => {
    const witness = await opened();
    let isOver = false;
    const over = witness.do((link) => link.close(GRACE_MS)).then(() => (isOver = true));
    await witness.sees('closed');
    await witness.until('the end of close', () => Promise.resolve(isOver));
    await over;
    await witness.quiet();
    expect(witness.kinds).toEqual(['opened', 'closed']);
    expect(witness.of('closed')).toMatchObject([{ how: 'orderly' }]);
  });

  test('what is unanswered when it is destroyed stays so; the end speaks for it', async () => {
    const witness = await opened();
    await current().silence();
    witness.send('unanswered');
    witness.do((link) => link.destroy());
    await witness.sees('closed');
    await witness.quiet();
    expect(witness.kinds).toEqual(['opened', 'closed']);
  });

  test('destroyed before it is open, it is closed and nothing else', async () => {
    const witness = new Witness(current());
    witness.do((link) => link.destroy());
    await witness.sees('closed');
    await witness.quiet();
    expect(witness.kinds).toEqual(['closed']);
  });

  test('after the end no call does or reports anything, and none throws', async () => {
    const witness = await opened();
    witness.do((link) => link.destroy());
    await witness.sees('closed');
    const before = witness.reports.length;
    witness.send('late');
    let isOver = false;
    witness.do((link) => {
      link.ackUpstream(TOKEN, 'late');
      link.abandon('late');
      link.ping();
      link.destroy();
      void link.close(GRACE_MS).then(() => (isOver = true));
    });
    await witness.until('the end of close', () => Promise.resolve(isOver));
    await witness.quiet();
    expect(witness.reports).toHaveLength(before);
  });
}
