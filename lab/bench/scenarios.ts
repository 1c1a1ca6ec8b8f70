import { accept } from './accept/accept.ts';
import { backlog } from './backlog/backlog.ts';
import { drain } from './drain/drain.ts';
import { engine } from './engine/engine.ts';
import { latency } from './latency/latency.ts';
import { scale } from './scale/scale.ts';
import type { Scenario } from './scenario.ts';
import { upstream } from './upstream/upstream.ts';
import { window } from './window/window.ts';

/** By the name on the command line. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  engine,
  window,
  drain,
  accept,
  upstream,
  latency,
  backlog,
  scale,
};
