import { randomBytes } from 'node:crypto';
import type { DeadLetter, DeadLetters } from '../../relay/model/ports.ts';
import { EVERY_KIND_OF_TEXT } from './every-kind-of-text.ts';

export interface DeadLettersUnderTest {
  readonly letters: DeadLetters;
  /** The next `count` letters, in any order. */
  readonly received: (count: number) => Promise<readonly DeadLetter[]>;
  readonly close: () => Promise<void>;
}

const letter = (change: Partial<DeadLetter> = {}): DeadLetter => ({
  payload: Buffer.from('{"not": a message'),
  reason: 'NOT_JSON',
  detail: 'not JSON in UTF-8',
  origin: 'fcm-downstream-requests',
  ...change,
});

/** Bytes as bytes: a Buffer and a Uint8Array of the same content are the same letter. */
const comparable = ({ payload, ...rest }: DeadLetter) => ({
  ...rest,
  payload: Buffer.from(payload).toString('base64'),
});

const OPENING_MS = 30_000; // the SDK loads its protocol at the first call

export function deadLettersContract(name: string, open: () => Promise<DeadLettersUnderTest>): void {
  describe(`DeadLetters: ${name}`, () => {
    let subject: DeadLettersUnderTest;
    beforeAll(async () => {
      subject = await open();
    }, OPENING_MS);
    afterAll(() => subject.close());

    test.each([
      ['with all that is known', letter({ messageId: 'm 1', senderId: '1234567890' })],
      ['with the least', letter()],
      [
        'with what it came with',
        letter({ attributes: { reason: 'of its own', mac: 'm', message_id: 'x', 'ünï code': '\u0001' } }),
      ],
      ['without payload', letter({ payload: new Uint8Array(0) })],
      ['of bytes that are no text', letter({ payload: Uint8Array.of(0, 255, 254, 0xc3, 0x28) })],
    ])('a letter %s comes out as it was put', async (_, put) => {
      await subject.letters.put(put);
      expect((await subject.received(1)).map(comparable)).toEqual([comparable(put)]);
    });

    test('every kind of text in payload and detail comes out as it was put', async () => {
      const put = EVERY_KIND_OF_TEXT.filter(({ length }) => length < 400).map((text, at) =>
        letter({ payload: Buffer.from(text), detail: text, messageId: `m${at}` }),
      );
      await Promise.all(put.map((one) => subject.letters.put(one)));
      const received = (await subject.received(put.length)).map(comparable);
      expect(received).toEqual(expect.arrayContaining(put.map(comparable)));
    });

    test('a payload of 9 MB comes out intact', async () => {
      const put = letter({ payload: randomBytes(9_000_000), reason: 'TOO_LARGE' });
      await subject.letters.put(put);
      const [received] = await subject.received(1);
      expect(Buffer.compare(received!.payload, put.payload)).toBe(0);
    });
  });
}
