import {
  assertFails,
  assertSucceeds,
  initializeTestEnvironment,
  type RulesTestContext,
  type RulesTestEnvironment,
  type TokenOptions,
} from '@firebase/rules-unit-testing';
import {
  addDoc,
  collection,
  collectionGroup,
  deleteDoc,
  doc,
  getDoc,
  getDocs,
  query,
  setDoc,
  setLogLevel,
  updateDoc,
  where,
  type Firestore,
} from 'firebase/firestore';
import { engines, namespace } from '../../dev/stack/engines.ts';

const { senderId } = namespace();
const messages = `senders/${senderId}/messages`;
const registrations = `senders/${senderId}/registrations`;
let environment: RulesTestEnvironment;

beforeAll(async () => {
  setLogLevel('silent'); // each denial would be logged
  const { firestoreHost, projectId } = engines();
  const [host = '', port] = firestoreHost.split(':');
  // No `rules`: the emulator has been started with firestore.rules, and that it applies them is part of what is tested.
  environment = await initializeTestEnvironment({ projectId, firestore: { host, port: Number(port) } });
  await environment.withSecurityRulesDisabled(async (context) => {
    const seeder = context.firestore();
    const store = modular(seeder);
    await setDoc(doc(store, `senders/${senderId}`), { anything: true });
    await setDoc(doc(store, messages, 'ann-1'), { owner: 'user:ann', state: 'acked' });
    await setDoc(doc(store, messages, 'bob-1'), { owner: 'user:bob', state: 'acked' });
    await setDoc(doc(store, messages, 'keyed'), { owner: 'key:ann', state: 'acked' });
    await setDoc(doc(store, messages, 'published'), { owner: 'system:pubsub', state: 'acked' });
    await setDoc(doc(store, messages, 'untyped'), { owner: 'ann', state: 'acked' });
    await setDoc(doc(store, messages, 'nobodys'), { state: 'acked' });
    await setDoc(doc(store, registrations, 'hash'), { state: 'unregistered' });
    await setDoc(doc(store, 'elsewhere/x'), { owner: 'user:ann' });
    await setDoc(doc(store, messages, 'ann-1', 'notes', 'x'), { owner: 'user:ann' });
    await seeder.terminate();
  });
});

// One connection a person; the environment's own cleanup would not wait for them to close.
type CompatStore = ReturnType<RulesTestContext['firestore']>;
const stores = new Map<string, CompatStore>();
afterAll(async () => {
  await Promise.all([...stores.values()].map((store) => store.terminate()));
  await environment.cleanup();
});

function as(uid: string | undefined, claims: TokenOptions): Firestore {
  const person = JSON.stringify([uid, claims]);
  const context = () =>
    uid === undefined ? environment.unauthenticatedContext() : environment.authenticatedContext(uid, claims);
  const store = stores.get(person) ?? context().firestore();
  stores.set(person, store);
  return modular(store);
}
// The library hands out the older interface; the modular functions take it as well.
const modular = (store: CompatStore): Firestore => store as unknown as Firestore;

const nobody = (): Firestore => as(undefined, {});
const user = (uid: string, claims: TokenOptions = {}): Firestore => as(uid, claims);

test('an owner reads the messages it owns, alone and as a list', async () => {
  const ann = user('ann');
  await assertSucceeds(getDoc(doc(ann, messages, 'ann-1')));
  const own = await assertSucceeds(getDocs(query(collection(ann, messages), where('owner', '==', 'user:ann'))));
  expect(own.docs.map(({ id }) => id)).toEqual(['ann-1']);
});

test('an owner reads no message of others, of nobody or of no existence', async () => {
  for (const id of ['bob-1', 'keyed', 'published', 'untyped', 'nobodys', 'missing'])
    await assertFails(getDoc(doc(user('ann'), messages, id)));
});

test.each([
  ['pubsub', 'published'],
  ['system:pubsub', 'published'],
  ['key:ann', 'keyed'],
  ['user:ann', 'ann-1'],
  ['ann', 'untyped'],
])('a uid that reads like an owner of another kind owns nothing of it: %s, %s', async (uid, id) => {
  await assertFails(getDoc(doc(user(uid), messages, id)));
});

test('a list by an untyped owner is denied', async () => {
  await assertFails(getDocs(query(collection(user('ann'), messages), where('owner', '==', 'ann'))));
});

test('a list that could hold what one may not read is denied as a whole', async () => {
  const ann = user('ann');
  await assertFails(getDocs(collection(ann, messages)));
  await assertFails(getDocs(query(collection(ann, messages), where('owner', '==', 'user:bob'))));
  await assertFails(getDocs(query(collection(ann, messages), where('state', '==', 'acked'))));
  await assertFails(getDocs(query(collectionGroup(ann, 'messages'), where('owner', '==', 'user:ann'))));
});

test.each<[unknown]>([
  ['read'],
  ['send'],
  [{ can: ['send'] }],
  [{ can: ['operate', 'read'], own: false, senders: ['5', senderId] }],
])('the claim relay: %j reads every message and registration, alone and as a list', async (relay) => {
  const operator = user('operator', { relay });
  for (const id of ['ann-1', 'bob-1', 'keyed', 'untyped', 'missing'])
    await assertSucceeds(getDoc(doc(operator, messages, id)));
  expect((await assertSucceeds(getDocs(collection(operator, messages)))).size).toBe(6);
  await assertSucceeds(getDoc(doc(operator, registrations, 'hash')));
  expect((await assertSucceeds(getDocs(collection(operator, registrations)))).size).toBe(1);
});

test.each([
  { relay: 'admin' },
  { relay: 'operate' },
  { relay: true },
  { relay: ['read'] },
  { relay: '' },
  { Relay: 'read' },
  {},
  { relay: {} },
  { relay: { can: 'read' } },
  { relay: { can: [] } },
  { relay: { can: ['operate'] } },
  { relay: { can: ['read', 'admin'] } },
  { relay: { can: ['read'], sender: [senderId] } },
  { relay: { can: ['read'], senders: senderId } },
  { relay: { can: ['read'], senders: [] } },
  { relay: { can: ['read'], senders: ['5'] } },
  { relay: { can: ['read'], own: true } },
  { relay: { can: ['read'], own: 'false' } },
  { relay: { can: ['read'], senders: [`${senderId}1`] } },
  { relay: { can: { read: true } } },
])('the claims %j read nothing', async (claims) => {
  const stranger = user('stranger', claims);
  await assertFails(getDoc(doc(stranger, messages, 'ann-1')));
  await assertFails(getDocs(collection(stranger, messages)));
  await assertFails(getDoc(doc(stranger, registrations, 'hash')));
});

test('the claim with `own` reads its own messages, as anyone does', async () => {
  const ann = user('ann', { relay: { can: ['send'], own: true } });
  await assertSucceeds(getDoc(doc(ann, messages, 'ann-1')));
  await assertFails(getDoc(doc(ann, messages, 'bob-1')));
});

test('who is not signed in reads nothing, not even what nobody owns', async () => {
  for (const path of [`${messages}/ann-1`, `${messages}/keyed`, `${registrations}/hash`])
    await assertFails(getDoc(doc(nobody(), path)));
  await assertFails(getDocs(collection(nobody(), messages)));
});

test('registrations are for the claim alone', async () => {
  await assertFails(getDoc(doc(user('ann'), registrations, 'hash')));
  await assertFails(getDocs(collection(user('ann'), registrations)));
});

test('nobody writes: not the owner, not the claim', async () => {
  for (const store of [nobody(), user('ann'), user('operator', { relay: 'send' })]) {
    await assertFails(updateDoc(doc(store, messages, 'ann-1'), { state: 'dead' }));
    await assertFails(setDoc(doc(store, messages, 'new'), { owner: 'user:ann' }));
    await assertFails(addDoc(collection(store, messages), { owner: 'user:ann' }));
    await assertFails(deleteDoc(doc(store, messages, 'ann-1')));
    await assertFails(setDoc(doc(store, registrations, 'new'), {}));
    await assertFails(deleteDoc(doc(store, registrations, 'hash')));
  }
});

test('every other path is denied, also below a message that one owns and with the claim', async () => {
  for (const store of [user('ann'), user('operator', { relay: 'send' })]) {
    for (const path of [`senders/${senderId}`, 'elsewhere/x', `${messages}/ann-1/notes/x`]) {
      await assertFails(getDoc(doc(store, path)));
      await assertFails(setDoc(doc(store, path), { owner: 'user:ann' }));
    }
  }
});
