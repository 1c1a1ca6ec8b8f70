import { setImmediate as turn } from 'node:timers/promises';
import { MemoryFcm, REFUSED_PREFIX } from '../support/memory/link.ts';
import { linkContract } from './link.contract.ts';

linkContract('memory', () => {
  const fcm = new MemoryFcm();
  const each = (act: (link: typeof fcm.links extends Set<infer L> ? L : never) => void): Promise<void> => {
    [...fcm.links].forEach(act);
    return Promise.resolve();
  };
  return Promise.resolve({
    transport: fcm,
    refused: { to: `${REFUSED_PREFIX}1`, verdict: 'failToken', code: 'DEVICE_UNREGISTERED' },
    silence: () => Promise.resolve(void (fcm.isSilent = true)),
    refuseLogins: () => Promise.resolve(void (fcm.refusesLogins = true)),
    upstream: (messageId, from) =>
      each((link) => link.say({ kind: 'upstream', messageId, from, data: { id: messageId }, length: 0 })),
    isAcked: (messageId) => Promise.resolve(fcm.acked.has(messageId)),
    drain: () => each((link) => link.say({ kind: 'draining' })),
    hangUp: () => each((link) => link.end('orderly', 'by the test')),
    reset: () => each((link) => link.end('failed', 'by the test')),
    pass: () => turn(),
    calm: () => Promise.resolve(void Object.assign(fcm, { isSilent: false, refusesLogins: false })),
    close: () => Promise.resolve(),
  });
});
