import { until } from '../../../dev/stack/until.ts';
import { WORKER_LOG } from '../../../dev/stack/worker.ts';
import { submit, plan, verify } from './plan.ts';

const WINDOW = 100;

/** A connection with 100 pending goes silent: it is detected and replaced, and all 100 are sent again and settle. */
export const halfOpen = plan({
  about: 'a silent connection with 100 pending: detected in 30 s, all of it sent again',
  minutes: 1,
  rig: { idle: true, ccs: { latencyMs: 300_000, keepaliveMs: 0 } },
  sizes: { full: { limitS: 30 }, short: { limitS: 5 } },

  async run(rig, { limitS }, say) {
    const worker = await rig.startWorker({ FCM_SILENCE_LIMIT: String(limitS) });
    const ids = await submit(rig, 'half-open', WINDOW);
    await until(async () => (await rig.ccs.control.connections())[0]?.pending === WINDOW, {
      withinMs: 30_000,
      what: () => 'FCM has not received 100 messages',
    });
    const [connection] = await rig.ccs.control.connections();
    if (connection === undefined) throw new Error('there is no connection');
    await rig.ccs.control.connection.halfOpen(connection.id);
    await rig.ccs.control.settings.change({ latencyMs: 0 });
    say('100 pending; the connection is silent from now on');
    const startMs = Date.now();
    await until(() => worker.said(WORKER_LOG.silent).length > 0, {
      withinMs: limitS * 1_000 + 10_000,
      what: () => 'the silence was not detected',
    });
    const detectedMs = Date.now() - startMs;
    const report = await verify(rig, { ids, duplicates: WINDOW, withinMs: 60_000 });
    const settledMs = Date.now() - startMs;
    const pending = await worker.metric('relay_pending{connection="c2"}');
    const late = detectedMs > limitS * 1_000 + 1_000 ? [`detected after ${detectedMs} ms`] : [];
    const taken = pending > 0 ? [`${pending} are still pending`] : [];
    return {
      figures: { ...report.figures, detectedMs, settledMs, pendingAfterwards: pending },
      violations: [...report.violations, ...late, ...taken],
    };
  },
});
