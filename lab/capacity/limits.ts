import type { Inputs } from './inputs.ts';
import type { Needs } from './needs.ts';

/** Defaults of a project, most of which can be raised. docs/capacity.md names the sources, and more limits. */
export const LIMITS = {
  firestoreColdOps: 500,
  firestoreWrites: 10_000,
  fcmPerMinute: 600_000,
  ccsConnections: 2_500,
  functionInstances: 100,
  regionVcpus: 1_000,
} as const;

type Use = readonly [name: string, used: number, limit: number, unit: string, remedy: string];

/** How much of each limit a load uses, in the order in which a growing rate meets them. */
export function limitsOf(inputs: Inputs, { window, workers, functions, firestore }: Needs) {
  const { peakPerSecond, upstreamPerSecond, pendingLimit, windowUse } = inputs;
  // not rounded up, so that what is computed at a low rate holds at a high one
  const connections = window.pending / (pendingLimit * windowUse);
  const workerCpus = Math.max(
    (peakPerSecond + upstreamPerSecond) / workers.perSecondByCpu,
    peakPerSecond / workers.perSecondByConnections,
  );
  const [api, onRequest] = [functions.api.needed, functions.onDownstreamRequest.needed];
  const firestoreOps = firestore.writesPerSecond + firestore.readsPerSecond;
  const uses: readonly Use[] = [
    ['Firestore, first day', firestoreOps, LIMITS.firestoreColdOps, 'operations/s', 'ramp up'],
    ['Firestore, writes', firestore.writesPerSecond, LIMITS.firestoreWrites, 'writes/s', 'ask Google: soft, if at all'],
    ['FCM, per project', peakPerSecond * 60, LIMITS.fcmPerMinute, 'messages/min', 'ask Firebase; stated for HTTP v1'],
    ['CCS, connections per sender', connections, LIMITS.ccsConnections, 'connections', 'more senders'],
    ['api, maxInstances', api, LIMITS.functionInstances, 'instances', 'functions/index.ts'],
    ['onDownstreamRequest, maxInstances', onRequest, LIMITS.functionInstances, 'instances', 'functions/index.ts'],
    ['Cloud Run, per region', workerCpus + api + onRequest, LIMITS.regionVcpus, 'vCPUs', "see your project's own"],
  ];
  return uses
    .filter(([, used]) => used > 0)
    .map(([name, used, limit, unit, remedy]) => ({
      name,
      used,
      limit,
      unit,
      remedy,
      /** The rate at which the limit is met, upstream growing with it, all else equal. */
      metAtPerSecond: (peakPerSecond * limit) / used,
    }))
    .sort((a, b) => a.metAtPerSecond - b.metAtPerSecond);
}
