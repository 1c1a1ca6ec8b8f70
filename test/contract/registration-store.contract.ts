import type { RegistrationStore } from '../../relay/model/ports.ts';
import type { RegistrationRecord } from '../../relay/model/record.ts';

export interface RegistrationsUnderTest {
  readonly store: RegistrationStore;
  readonly senderId: string;
  /** What stands there now. */
  readonly found: (tokenHash: string) => Promise<RegistrationRecord | undefined>;
  readonly close: () => Promise<void>;
}

const OPENING_MS = 30_000; // the SDK loads its protocol at the first call
const AT = 1_790_000_000_456;
const aRegistration = (change: Partial<RegistrationRecord> = {}): RegistrationRecord => ({
  state: 'unregistered',
  atMs: AT,
  expireAtMs: AT + 1_000_000,
  ...change,
});

export function registrationStoreContract(name: string, open: () => RegistrationsUnderTest): void {
  describe(`RegistrationStore: ${name}`, () => {
    const { store, senderId, found, close } = open();
    beforeAll(() => store.mark(senderId, 'first', aRegistration()), OPENING_MS);
    afterAll(close);

    test.each([
      aRegistration(),
      aRegistration({ state: 'bad' }),
      aRegistration({ state: 'replaced', replacedByHash: 'feed' }),
    ])('a token marked $state stands so', async (record) => {
      await store.mark(senderId, `hash-${record.state}`, record);
      expect(await found(`hash-${record.state}`)).toStrictEqual(record);
    });

    test('marking again replaces what stood there, and a repeat is harmless', async () => {
      await store.mark(senderId, 'twice', aRegistration({ state: 'replaced', replacedByHash: 'feed' }));
      const last = aRegistration({ atMs: AT + 1 });
      await store.mark(senderId, 'twice', last);
      await store.mark(senderId, 'twice', last);
      expect(await found('twice')).toStrictEqual(last);
    });

    test('the same token marked 50 times at once stands marked', async () => {
      await Promise.all(Array.from({ length: 50 }, () => store.mark(senderId, 'busy', aRegistration())));
      expect(await found('busy')).toStrictEqual(aRegistration());
    });
  });
}
