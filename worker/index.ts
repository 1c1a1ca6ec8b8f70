import { startWorker } from './compose.ts';
import { ConfigError, readConfig, type WorkerConfig } from './config.ts';
import { gathered, Log } from './observe/log.ts';

// guarantee 5: under 10 s, Cloud Run's grace; what is then still held comes back by its lease
const STOP_LIMIT_MS = 9_000;
const EX_CONFIG = 78; // sysexits.h

/** Ends the process when its environment is wrong. Everything else is thrown on. */
function exitOnMistake(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(EX_CONFIG);
}

function configOrExit(): WorkerConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    return exitOnMistake(error);
  }
}

const config = configOrExit();
const write = gathered(process.stdout);
const log = new Log(config.logLevel, write);

/** Our own defect, or a rejection that nobody handles: the state cannot be trusted. Pub/Sub still has everything. */
function crash(error: unknown): void {
  new Log('debug', (line) => process.stderr.write(line)).error(
    'the worker has a defect and ends; nothing is lost, Pub/Sub hands everything out again',
    {
      error: error instanceof Error ? error.stack : String(error),
    },
  );
  process.exit(1);
}
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

const worker = await startWorker(config, log, crash).catch(exitOnMistake);
log.info('worker started', {
  sender_id: config.senderId,
  ccs: config.xmppUrl,
  connections: config.connections,
  port: worker.port,
});

function stop(signal: string): void {
  log.info('stopping: no more messages are taken, what is pending is waited for', { signal });
  setTimeout(() => {
    log.warning('the stop took too long; what is still held comes back to Pub/Sub by itself');
    setImmediate(() => process.exit(1));
  }, STOP_LIMIT_MS).unref();
  worker.stop().then(() => {
    log.info('stopped');
    setImmediate(() => process.exit(0));
  }, crash);
}
process.once('SIGTERM', () => stop('SIGTERM'));
process.once('SIGINT', () => stop('SIGINT'));
