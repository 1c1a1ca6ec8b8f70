import type { EmulatorEnvironment } from '../../dev/stack/emulators/emulators.ts';
import type { Ccs } from './ccs.ts';
import { SideProcess } from './side-process.ts';

/** What the turns of a run have in common. */
export class Testbed {
  readonly ccs: Ccs;
  readonly #engines: EmulatorEnvironment | undefined;
  readonly #profileFolder: string | undefined;
  readonly #nodeOptions: string;
  readonly #sides = new Set<SideProcess>();
  #turn = '';

  constructor(parts: {
    readonly ccs: Ccs;
    readonly engines: EmulatorEnvironment | undefined;
    readonly profileFolder: string | undefined;
    readonly nodeOptions: string;
  }) {
    this.ccs = parts.ccs;
    this.#engines = parts.engines;
    this.#profileFolder = parts.profileFolder;
    this.#nodeOptions = parts.nodeOptions;
  }

  /** Where Firestore and Pub/Sub are. @throws Error if the scenario has not declared that it needs them */
  get engines(): EmulatorEnvironment {
    if (this.#engines === undefined) throw new Error('the scenario does not declare needsEngines');
    return this.#engines;
  }

  /** @param name of the turn that begins, for messages and profiles */
  begin(name: string): void {
    this.#turn = name.replaceAll(/[^\w.]+/g, '-');
  }

  /** Starts the process of this turn. Its environment has the CA of CCS and the emulators. */
  side(program: string, env: Readonly<Record<string, string>>): SideProcess {
    const around = {
      NODE_EXTRA_CA_CERTS: this.ccs.caPath,
      ...(this.#nodeOptions !== '' && { NODE_OPTIONS: this.#nodeOptions }),
      ...this.#engines,
    };
    const side = new SideProcess({
      name: this.#turn,
      program,
      env: { ...around, ...env },
      profileFolder: this.#profileFolder,
    });
    this.#sides.add(side);
    return side;
  }

  /** Ends everything of a turn, however it went. */
  clear(): void {
    for (const side of this.#sides) side.kill();
    this.#sides.clear();
  }
}
