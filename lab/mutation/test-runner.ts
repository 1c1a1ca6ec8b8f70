import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { InstrumenterContext, MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
  type DryRunOptions,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { expect } from 'expect';
import type FastCheck from 'fast-check';
import { bundleTests, type Bundle } from './bundle.ts';
import { Suite, type Trial } from './suite.ts';

/** Passes only after the other tests of its file: it looks at what they saw, not at our code. */
const NEEDS_OTHER_TESTS = /simulation\.test\.ts: each trouble happened in one of these nights/;

/** The same values for every mutant, and no shrinking. */
const PROPERTIES = { seed: 1, endOnFailure: true };

/** As in `npm test`: a test that takes longer hangs or loops forever. */
const TEST_LIMIT_MS = 5_000;

/**
 * What the instrumented code reads and writes. At the active mutant it adds one to `hitCount` and throws past
 * `hitLimit`, so an endless loop through the mutant ends when the test's time is up. Stryker itself notices others.
 */
class Context implements InstrumenterContext {
  activeMutant?: string;
  hitLimit?: number;
  hits = 0;
  endMs = Infinity;

  get hitCount(): number {
    return performance.now() > this.endMs ? Infinity : this.hits;
  }

  set hitCount(hits: number) {
    this.hits = hits;
  }
}

const stryker = new Context();

/**
 * Runs the tests in this process, loaded once: milliseconds per mutant where jest, which reloads everything, takes
 * seconds. The fastest tests run first, and the first failure ends the run. That test must then pass with the mutant
 * off: a failure by chance, or by what an earlier mutant left behind, counts as an error, not as a kill.
 */
class InProcessRunner implements TestRunner {
  #bundle: Bundle | undefined;
  #suite = new Suite();
  /** A mutant was active while this suite was loaded. */
  #tainted = false;
  readonly #tookMs = new Map<string, number>();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    const root = process.cwd();
    Object.assign(globalThis, { expect, __stryker__: stryker });
    // the copy that the bundle will require
    const fastCheck = createRequire(join(root, 'package.json'))('fast-check') as typeof FastCheck;
    fastCheck.configureGlobal(PROPERTIES);
    this.#bundle = await bundleTests(root);
    this.#reload(); // the replacement of a process that hung gets mutants at once, without a dry run
  }

  /** Twice: which test reaches which mutants, then how long each takes, from which Stryker computes its time limit. */
  async dryRun({ disableBail }: DryRunOptions): Promise<DryRunResult> {
    const mutantCoverage = await this.#coverage();
    this.#reload('plain');
    const tests: TestResult[] = [];
    for (const trial of this.#inOrder()) {
      const failureMessage = await this.#fault(trial);
      const result = {
        id: trial.id,
        name: trial.id,
        fileName: trial.file,
        timeSpentMs: this.#tookMs.get(trial.id) ?? 0,
      };
      tests.push(
        failureMessage === undefined
          ? { ...result, status: TestStatus.Success }
          : { ...result, status: TestStatus.Failed, failureMessage },
      );
      if (failureMessage !== undefined && !disableBail) break;
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({
    activeMutant,
    mutantActivation,
    reloadEnvironment,
    testFilter,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    const isStatic = mutantActivation === 'static';
    delete stryker.activeMutant; // the previous one
    if (this.#tainted && !isStatic) this.#reload();
    Object.assign(stryker, { hitLimit: hitLimit ?? Infinity, hits: 0 });
    stryker.activeMutant = activeMutant.id;
    if (isStatic || reloadEnvironment) this.#reload();
    this.#tainted = isStatic;
    let nrOfTests = 0;
    for (const trial of this.#inOrder(testFilter)) {
      nrOfTests++;
      const failureMessage = await this.#fault(trial);
      const endless = determineHitLimitReached(stryker.hits, hitLimit);
      if (failureMessage === undefined && endless === undefined) continue;
      if (!(await this.#passesWithoutMutant(trial)))
        return { status: MutantRunStatus.Error, errorMessage: `fails without the mutant as well: ${trial.id}` };
      if (endless !== undefined) return toMutantRunResult(endless);
      return {
        status: MutantRunStatus.Killed,
        killedBy: [trial.id],
        failureMessage: String(failureMessage),
        nrOfTests,
      };
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }

  async #coverage(): Promise<MutantCoverage> {
    this.#reload('counting');
    const coverage: MutantCoverage = { static: this.#taken(), perTest: {} };
    for (const trial of this.#inOrder()) {
      await this.#fault(trial);
      coverage.perTest[trial.id] = this.#taken();
    }
    return coverage;
  }

  #taken(): MutantCoverage['static'] {
    return this.#bundle?.hits.take() ?? {};
  }

  #reload(how: Parameters<Bundle['load']>[1] = 'plain'): void {
    this.#suite = new Suite();
    this.#bundle?.load(this.#suite, how);
  }

  #inOrder(only?: readonly string[]): Trial[] {
    const trials = only === undefined ? [...this.#suite.trials.values()] : only.map((id) => this.#trial(id));
    return trials
      .filter(({ id }) => !NEEDS_OTHER_TESTS.test(id))
      .sort((one, other) => this.#rank(one) - this.#rank(other));
  }

  #trial(id: string): Trial {
    const trial = this.#suite.trials.get(id);
    if (trial === undefined) throw new Error(`no such test: ${id}`); // else an untested mutant would survive
    return trial;
  }

  readonly #rank = ({ id }: Trial): number => this.#tookMs.get(id) ?? 0;

  async #passesWithoutMutant({ id }: Trial): Promise<boolean> {
    delete stryker.activeMutant;
    if (this.#tainted) this.#reload();
    this.#tainted = false;
    return (await this.#fault(this.#trial(id))) === undefined;
  }

  /** The failure; `undefined` if it passes. */
  async #fault({ id, run }: Trial): Promise<string | undefined> {
    const startMs = performance.now();
    stryker.endMs = startMs + TEST_LIMIT_MS;
    try {
      const running = run();
      if (running instanceof Promise) await withTimeLimit(running);
      this.#tookMs.set(id, performance.now() - startMs);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

async function withTimeLimit(running: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>(
    (_, reject) => (timer = setTimeout(() => reject(new Error(`timed out after ${TEST_LIMIT_MS} ms`)), TEST_LIMIT_MS)),
  );
  await Promise.race([running, late]).finally(() => clearTimeout(timer));
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
