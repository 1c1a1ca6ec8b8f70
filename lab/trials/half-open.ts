import { until } from '../../dev/stack/until.ts';
import { handIn, verify, type Trial } from './trial.ts';

const WINDOW = 100;

/**
 * A connection with 100 pending goes silent: found, replaced, all 100 sent again and settled, the places free again.
 */
export const halfOpen: Trial<{ readonly limitS: number }> = {
  rig: { idle: true, ccs: { latencyMs: 300_000, keepaliveMs: 0 } },
  sizes: { full: { limitS: 30 }, short: { limitS: 5 } },

  async run(rig, { limitS }, say) {
    const worker = await rig.startWorker({ FCM_SILENCE_LIMIT: String(limitS) });
    const ids = await handIn(rig, 'half-open', WINDOW);
    await until(async () => (await rig.ccs.control.connections())[0]?.pending === WINDOW, {
      withinMs: 30_000,
      what: () => 'CCS has not got 100 messages',
    });
    const [connection] = await rig.ccs.control.connections();
    if (connection === undefined) throw new Error('there is no connection');
    await rig.ccs.control.connection.halfOpen(connection.id);
    await rig.ccs.control.settings.change({ latencyMs: 0 });
    say('100 pending; the connection says nothing more');
    const startMs = Date.now();
    await until(() => worker.said('connection.timed_out').length > 0, {
      withinMs: limitS * 1_000 + 10_000,
      what: () => 'the silence was not noticed',
    });
    const foundMs = Date.now() - startMs;
    const report = await verify(rig, { ids, duplicates: WINDOW, withinMs: 60_000 });
    const settledMs = Date.now() - startMs;
    const pending = await worker.metric('relay_pending{connection="c2"}');
    const late = foundMs > limitS * 1_000 + 1_000 ? [`found after ${foundMs} ms`] : [];
    const taken = pending > 0 ? [`${pending} places are not free`] : [];
    return {
      figures: { ...report.figures, foundMs, settledMs, pendingAfterwards: pending },
      violations: [...report.violations, ...late, ...taken],
    };
  },
};
