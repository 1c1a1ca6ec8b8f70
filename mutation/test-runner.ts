import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached, DryRunStatus, MutantRunStatus, TestStatus, toMutantRunResult,
  type DryRunOptions, type DryRunResult, type MutantRunOptions, type MutantRunResult, type TestResult, type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { expect } from 'expect';
import type FastCheck from 'fast-check';
import { bundleTests, type Load } from './bundle.ts';
import { Suite, type Trial } from './suite.ts';

/** Tests that pass only after the others of their file: they look at what those saw, and at nothing of ours. */
const ABOUT_OTHER_TESTS = /simulation\.test\.ts: each trouble happened in one of these nights/;

/** A test that takes so much longer than it ever did waits for what never comes: jest would fail it. A loop without end is Stryker's to notice. */
const HANGS_AFTER = { factor: 10, graceMs: 2_000 };

/** The same values of properties for every mutant, and none sought that would fail more simply. */
const PROPERTIES = { seed: 1, endOnFailure: true };

/** What the instrumented code reads and writes. */
const stryker: InstrumenterContext = {};

/**
 * Runs the tests in this process, loaded once: jest, which loads them for each mutant, takes seconds a mutant where this takes
 * milliseconds. The tests that were quick before come first, and the first that fails ends the run. Then it has to pass with the
 * mutant switched off: what an earlier mutant left behind, or chance, counts as an error and not as a kill.
 */
class InProcessRunner implements TestRunner {
  #load: Load = () => undefined;
  #suite = new Suite();
  /** A mutant was active while the present suite was loaded. */
  #tainted = false;
  readonly #tookMs = new Map<string, number>();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    const root = process.cwd();
    Object.assign(globalThis, { expect, __stryker__: stryker });
    const fastCheck = createRequire(join(root, 'package.json'))('fast-check') as typeof FastCheck; // the copy that the bundle requires
    fastCheck.configureGlobal(PROPERTIES);
    this.#load = await bundleTests(root);
    this.#reload(); // a process that takes the place of one that hung is given mutants at once
  }

  /** Twice: who reaches what, and how long it takes, by which Stryker tells a loop without end. */
  async dryRun({ disableBail }: DryRunOptions): Promise<DryRunResult> {
    this.#reload('counting');
    for (const trial of this.#inOrder()) {
      stryker.currentTestId = trial.id;
      await this.#fault(trial);
      delete stryker.currentTestId;
    }
    this.#reload('plain');
    const tests: TestResult[] = [];
    for (const trial of this.#inOrder()) {
      const failureMessage = await this.#fault(trial);
      const result = { id: trial.id, name: trial.id, fileName: trial.file, timeSpentMs: this.#tookMs.get(trial.id) ?? 0 };
      tests.push(failureMessage === undefined ? { ...result, status: TestStatus.Success } : { ...result, status: TestStatus.Failed, failureMessage });
      if (failureMessage !== undefined && !disableBail) break;
    }
    return { status: DryRunStatus.Complete, tests, ...(stryker.mutantCoverage && { mutantCoverage: stryker.mutantCoverage }) };
  }

  async mutantRun({ activeMutant, mutantActivation, reloadEnvironment, testFilter, hitLimit }: MutantRunOptions): Promise<MutantRunResult> {
    const isStatic = mutantActivation === 'static';
    if (this.#tainted && !isStatic) this.#reload();
    if (hitLimit === undefined) delete stryker.hitLimit;
    else Object.assign(stryker, { hitLimit, hitCount: 0 });
    stryker.activeMutant = activeMutant.id;
    if (isStatic || reloadEnvironment) this.#reload();
    this.#tainted = isStatic;
    const trials = this.#inOrder(testFilter);
    if (trials.length === 0) return { status: MutantRunStatus.Error, errorMessage: 'none of the tests that reach it is there' };
    let nrOfTests = 0;
    for (const trial of trials) {
      nrOfTests++;
      const failureMessage = await this.#fault(trial);
      const timeout = determineHitLimitReached(stryker.hitCount, hitLimit);
      if (timeout !== undefined) return toMutantRunResult(timeout);
      if (failureMessage === undefined) continue;
      return await this.#passesWithoutMutant(trial)
        ? { status: MutantRunStatus.Killed, killedBy: [trial.id], failureMessage, nrOfTests }
        : { status: MutantRunStatus.Error, errorMessage: `fails without the mutant too: ${trial.id}` };
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }

  #reload(how: Parameters<Load>[1] = 'plain'): void {
    this.#suite = new Suite();
    this.#load(this.#suite, how);
  }

  #inOrder(only?: readonly string[]): Trial[] {
    const trials = only === undefined ? [...this.#suite.trials.values()] : only.map((id) => this.#suite.trials.get(id)).filter((trial) => trial !== undefined);
    return trials.filter(({ id }) => !ABOUT_OTHER_TESTS.test(id)).sort((one, other) => this.#rank(one) - this.#rank(other));
  }

  readonly #rank = ({ id }: Trial): number => this.#tookMs.get(id) ?? 0;

  async #passesWithoutMutant({ id }: Trial): Promise<boolean> {
    delete stryker.activeMutant;
    if (this.#tainted) this.#reload();
    this.#tainted = false;
    const trial = this.#suite.trials.get(id);
    return trial !== undefined && await this.#fault(trial) === undefined;
  }

  /** Why it fails; `undefined` where it passes. */
  async #fault({ id, run }: Trial): Promise<string | undefined> {
    const startMs = performance.now();
    try {
      await within((this.#tookMs.get(id) ?? 0) * HANGS_AFTER.factor + HANGS_AFTER.graceMs, run());
      this.#tookMs.set(id, performance.now() - startMs);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** Rejects where the work is not done by then. */
async function within(limitMs: number, work: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`it does not end within ${limitMs} ms`)), limitMs)));
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
