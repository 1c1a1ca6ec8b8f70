import type { EmulatorEnvironment } from '../../dev/stack/emulators/emulators.ts';
import type { Ccs } from './ccs.ts';
import { SideProcess } from './side-process.ts';

/** What the turns of a run have around them. */
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

  /** Where Firestore and Pub/Sub are. @throws Error when the scenario did not say that it needs them */
  get engines(): EmulatorEnvironment {
    if (this.#engines === undefined) throw new Error('this scenario needs no engines, it says');
    return this.#engines;
  }

  /** @param name of the turn that begins, for messages and profiles */
  begin(name: string): void {
    this.#turn = name.replaceAll(/[^\w.]+/g, '-');
  }

  /** The process of this turn. It finds the CA of the CCS emulator and the engines in its environment. */
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

  /** Nothing of a turn is left, however it ended. */
  clear(): void {
    for (const side of this.#sides) side.kill();
    this.#sides.clear();
  }
}
