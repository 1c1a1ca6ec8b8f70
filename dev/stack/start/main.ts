#!/usr/bin/env node
/** `npm start`: the whole relay on this machine. See `--help`. */
import { topicNames } from '../../../relay/adapters/pubsub/topology.ts';
import { runCommand } from '../../../ops/cli/run-command.ts';
import { reasonOf } from '../http.ts';
import { Processes } from '../process/processes.ts';
import { LOCAL_FOLDER } from '../programs.ts';
import { sendFirstMessage } from './first-message.ts';
import { COMMAND, startOptions, type StartOptions } from './options.ts';
import { startStack, type Stack } from './stack.ts';
import { Steps } from './terminal.ts';
import { whatToTry } from './what-to-try.ts';

async function introduce(stack: Stack, { topicPrefix }: StartOptions): Promise<void> {
  try {
    await sendFirstMessage({ ...stack, upstreamTopic: topicNames(topicPrefix).upstream });
  } catch (error) {
    console.error(`The first message did not get through: ${reasonOf(error)}`); // the stack stays up, to find out why
  }
  console.log(whatToTry(stack));
}

/** Runs until a signal (exit code 0), or until a part cannot start or ends (1). */
async function start(options: StartOptions): Promise<number> {
  const processes = new Processes(LOCAL_FOLDER, 'start');
  const steps = new Steps();
  const ended = Promise.race([processes.died, signalled()]);
  try {
    const up = startStack(processes, steps, options).then((stack) =>
      options.quiet ? undefined : introduce(stack, options),
    );
    const reason = await Promise.race([up.then(() => ended), ended]);
    steps.end();
    if (reason !== undefined) console.error(reason);
    return reason === undefined ? 0 : 1;
  } catch (error) {
    steps.end();
    console.error(reasonOf(error));
    return 1;
  } finally {
    await processes.stop();
  }
}

const SAME_SIGNAL_MS = 1_000; // npm passes on the Ctrl-C that the terminal has already sent to us

/** Resolves at the first Ctrl-C or SIGTERM. A later one exits at once; the guardian cleans up. */
function signalled(): Promise<undefined> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstAt ??= Date.now();
        if (Date.now() - firstAt > SAME_SIGNAL_MS) process.exit(1);
        resolve(undefined);
      });
    }
  });
}

// exit: our own clients may still hold a connection
process.exit(await runCommand(COMMAND, ({ values }) => start(startOptions(values, process.env))));
