import { targetOf } from '../../../../relay/protocol/legacy/target.ts';

test.each([
  [{ to: 'dKfj3kLm_Qo:APA91bHun4' }, { kind: 'token', token: 'dKfj3kLm_Qo:APA91bHun4' }],
  [{ to: 'anything' }, { kind: 'token', token: 'anything' }],
  [{ to: 'APA91b:x' }, { kind: 'token', token: 'APA91b:x' }],
  [{ to: 'APA91bGHXQBB9mB8uYvIhn1x7d3RKYqp' }, { kind: 'group', key: 'APA91bGHXQBB9mB8uYvIhn1x7d3RKYqp' }],
  [{ to: '/topics/news' }, { kind: 'topic', topic: 'news' }],
  [{ condition: "'a' in topics" }, { kind: 'condition', condition: "'a' in topics" }],
])('%j is for %j', (message, target) => {
  expect(targetOf(message)).toEqual(target);
});

test('a message for nobody cannot have come out of the parser: our own fault', () => {
  expect(() => targetOf({})).toThrow(new TypeError('message without a target: it was not parsed'));
});
