import { setTimeout as wait } from 'node:timers/promises';
import { submit, plan, verify } from './plan.ts';

const CONNECTIONS = 2;

interface Size {
  readonly messages: number;
  readonly seconds: number;
}

/** FCM answers everything with SERVICE_UNAVAILABLE for a while, with a full queue: the whole sender slows down. */
export const storm = plan<Size>({
  about: '60 s of SERVICE_UNAVAILABLE with 10 000 messages queued',
  minutes: 2,
  rig: { longWaits: true, idle: true, ccs: { latencyMs: 10 }, env: { FCM_CONNECTIONS: String(CONNECTIONS) } },
  sizes: { full: { messages: 10_000, seconds: 60 }, short: { messages: 500, seconds: 8 } },

  async run(rig, { messages, seconds }, say) {
    const ids = await submit(rig, 'storm', messages);
    await rig.ccs.control.rules.add({ fault: { kind: 'nack', error: 'SERVICE_UNAVAILABLE' }, forMs: seconds * 1_000 });
    await rig.startWorker();
    const curve: number[] = [];
    for (let second = 0; second < seconds; second++) {
      await wait(1_000);
      curve.push((await rig.ccs.control.stats()).downstream.received);
    }
    const sends = curve.at(-1) ?? 0;
    say(`sends in each second of the storm: ${curve.map((total, at) => total - (curve[at - 1] ?? 0)).join(' ')}`);
    const endMs = Date.now();
    // FCM did not take a nacked send, so its retry is no duplicate
    const report = await verify(rig, { ids, duplicates: sends, withinMs: 300_000 });
    const limit = CONNECTIONS * 100 + 100;
    const tooMany =
      sends > limit ? [`${sends} sends during the storm, more than ${limit}: the windows once, then probes`] : [];
    return {
      figures: { ...report.figures, sendsInStorm: sends, settledAfterStormMs: Date.now() - endMs },
      violations: [...report.violations, ...tooMany],
    };
  },
});
