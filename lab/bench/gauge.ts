import type { EmulatorControl } from '../../fcm-emulator/client.ts';
import { coreTimes } from './machine.ts';

/** CPU use of CCS and of the whole machine over an interval. */
export class Gauge {
  readonly #ccs: EmulatorControl;
  readonly #startMs: number;
  readonly #ccsCpuMs: number;
  readonly #cores: ReturnType<typeof coreTimes>;

  private constructor(ccs: EmulatorControl, ccsCpuMs: number) {
    this.#ccs = ccs;
    this.#ccsCpuMs = ccsCpuMs;
    this.#startMs = performance.now();
    this.#cores = coreTimes();
  }

  static async begin(ccs: EmulatorControl): Promise<Gauge> {
    return new Gauge(ccs, (await ccs.stats()).process.cpuMs);
  }

  async read(): Promise<{ readonly ccsShare: number; readonly machineShare: number }> {
    const { busyMs, allMs } = coreTimes();
    const {
      process: { cpuMs },
    } = await this.#ccs.stats();
    return {
      ccsShare: (cpuMs - this.#ccsCpuMs) / (performance.now() - this.#startMs),
      machineShare: (busyMs - this.#cores.busyMs) / (allMs - this.#cores.allMs),
    };
  }
}
