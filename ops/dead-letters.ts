#!/usr/bin/env node
/** `npm run dead-letters`: see `--help`. */
import { setTimeout as delay } from 'node:timers/promises';
import { openFirestore } from '../relay/adapters/firestore/client.ts';
import { FirestoreMessages } from '../relay/adapters/firestore/messages.ts';
import { openPubSub } from '../relay/adapters/pubsub/client.ts';
import { deadLetterKeep, type KeptLetter, type Disposition } from '../relay/adapters/pubsub/dead-letter-keep.ts';
import { pubSubQueue } from '../relay/adapters/pubsub/queue.ts';
import { pubSubRequests } from '../relay/adapters/pubsub/requests.ts';
import { topicNames } from '../relay/adapters/pubsub/topology.ts';
import { planReplay, replay, type ReplayPorts } from '../relay/service/dead-letters/replay.ts';
import { deadLetterSigner, queueSigner } from '../relay/model/signer.ts';
import { hashesOf } from '../relay/model/token-hash.ts';
import { letterText, LIST_HEAD, listLine, outcomeLine, planText } from './dead-letter-lines.ts';
import { runCommand } from './cli/run-command.ts';
import { DEAD_LETTERS, deadLetterOptions, type DeadLetterOptions } from './dead-letter-options.ts';
import { withoutProxy } from '../relay/adapters/no-proxy.ts';

/** What was done with a letter. The verdict decides whether it is removed. */
interface Handled {
  readonly word: string;
  readonly verdict: Disposition;
}

/** One run of the command, with its counts. */
class Run {
  readonly counts = new Map<string, number>();
  readonly #options: DeadLetterOptions;
  readonly #ports: ReplayPorts;
  readonly #startMs = Date.now();
  #handled = 0;
  #nextMs = 0;
  #interrupted = false;

  constructor(options: DeadLetterOptions, ports: ReplayPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** The letters that are held are handed back before the process exits. */
  interrupt(): void {
    this.#interrupted = true;
  }

  /** For deadLetterKeep. */
  async visit(letter: KeptLetter): Promise<Disposition> {
    const { chosen, limit, act } = this.#options;
    if (this.#interrupted) return 'stop';
    if (!chosen(letter, this.#startMs)) return 'keep';
    // it may be one that we replayed and that failed again
    if (act && letter.publishedAtMs > this.#startMs) return this.#count('newer than this run');
    if (this.#handled === limit) {
      console.log(`… there are more than ${limit}: raise --limit`);
      return 'stop';
    }
    this.#handled += 1;
    if (act) await this.#pace();
    const { word, verdict } = await this.#handle(letter);
    return this.#count(word, verdict);
  }

  #count(word: string, verdict: Disposition = 'keep'): Disposition {
    this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
    return verdict;
  }

  async #handle(letter: KeptLetter): Promise<Handled> {
    const { command, payload, act } = this.#options;
    switch (command) {
      case 'list':
        console.log(listLine(letter, this.#startMs));
        return { word: 'listed', verdict: 'keep' };
      case 'show':
        console.log(letterText(letter, this.#startMs, payload));
        return { word: 'shown', verdict: 'keep' };
      case 'drop':
        return this.#say(
          letter,
          act ? { word: 'dropped', verdict: 'done' } : { word: 'would drop', verdict: 'keep' },
          letter.reason,
        );
      case 'replay':
        return this.#replay(letter);
    }
  }

  async #replay(letter: KeptLetter): Promise<Handled> {
    try {
      const plan = await planReplay(this.#ports, letter, this.#options);
      const why = planText(plan);
      if (plan.action === 'leave') return this.#say(letter, { word: 'left', verdict: 'keep' }, why);
      if (!this.#options.act) return this.#say(letter, { word: 'would replay', verdict: 'keep' }, why);
      if (await replay(this.#ports, letter, plan)) return this.#say(letter, { word: 'replayed', verdict: 'done' }, why);
      return this.#say(
        letter,
        { word: 'left', verdict: 'keep' },
        'its document was changed in the meantime: try again',
      );
    } catch (error) {
      return this.#say(
        letter,
        { word: 'failed', verdict: 'keep' },
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  #say(letter: KeptLetter, handled: Handled, why: string): Handled {
    console.log(outcomeLine(handled.word, letter, why));
    return handled;
  }

  async #pace(): Promise<void> {
    const nowMs = performance.now();
    if (this.#nextMs > nowMs) await delay(this.#nextMs - nowMs);
    this.#nextMs = Math.max(this.#nextMs, nowMs) + 1_000 / this.#options.perSecond;
  }
}

/** @returns the exit code */
async function main(options: DeadLetterOptions): Promise<number> {
  const { projectId, topicPrefix, command, act, hashKeys } = options;
  const signers = { queue: queueSigner(hashKeys), letter: deadLetterSigner(hashKeys) };
  const names = topicNames(topicPrefix);
  const pubsub = openPubSub({ projectId });
  const firestore = openFirestore({ projectId });
  const run = new Run(options, {
    store: new FirestoreMessages(firestore.gateway),
    queue: pubSubQueue(pubsub.publisher, names, signers.queue),
    requests: pubSubRequests(pubsub.publisher, names),
    now: Date.now,
    random: Math.random,
    ...hashesOf(hashKeys),
  });
  process.once('SIGINT', () => run.interrupt());
  try {
    if (command === 'list') console.log(LIST_HEAD);
    await deadLetterKeep(pubsub.pubsub, names, signers).visit((letter) => run.visit(letter));
  } finally {
    await Promise.all([pubsub.close(), firestore.close()]);
  }
  const counts = [...run.counts].map(([word, count]) => `${count} ${word}`);
  console.log(counts.length === 0 ? 'No dead letter.' : `${counts.join(', ')}.`);
  if ((command === 'replay' || command === 'drop') && !act) console.log('Nothing was changed: add --yes to do it.');
  return run.counts.has('failed') ? 1 : 0;
}

Object.assign(process.env, withoutProxy(process.env)); // the emulators are on this machine
try {
  process.exitCode = await runCommand(DEAD_LETTERS, (parsed) => main(deadLetterOptions(parsed, process.env)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
