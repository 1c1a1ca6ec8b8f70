/** What `node --cpu-prof` leaves: the tree of calls, and which node was on top at each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly name: string;
  /** Of the time in which the process was not idle, 0 … 1. */
  readonly share: number;
}

const IDLE = new Set(['(idle)', '(root)']);

/** Functions by the time spent in themselves, the most first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const micros = new Map<string, number>();
  let busyMicros = 0;
  for (const [at, id] of samples.entries()) {
    const name = names.get(id) ?? '?';
    const delta = Math.max(0, timeDeltas[at] ?? 0);
    if (IDLE.has(name)) continue;
    busyMicros += delta;
    micros.set(name, (micros.get(name) ?? 0) + delta);
  }
  return [...micros].map(([name, self]) => ({ name, share: self / busyMicros })).sort((a, b) => b.share - a.share);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const place = url
    .replace(/^.*\/node_modules\//, '')
    .replace(/^file:\/\/.*\/(?=(relay|worker|functions|lab|fcm-emulator)\/)/, '');
  if (place === '') return functionName === '' ? '(native)' : functionName;
  return `${functionName === '' ? '(anonymous)' : functionName} ${place}:${lineNumber + 1}`;
}
