import { startWorker } from './compose.ts';
import { ConfigError, readConfig, type WorkerConfig } from './config.ts';
import { gathered, openLog } from './observe/log.ts';

// Guarantee 5: under 10 s, which is Cloud Run's grace. Messages still held come back when their leases expire.
const STOP_LIMIT_MS = 9_000;
const EX_CONFIG = 78; // sysexits.h

/** Rethrows anything else. */
function exitOnConfigError(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(EX_CONFIG);
}

function configOrExit(): WorkerConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    return exitOnConfigError(error);
  }
}

const config = configOrExit();
const write = gathered(process.stdout);
const log = openLog(config.logLevel, write);

/** Internal error: the state cannot be trusted any more. Pub/Sub still holds every unacked message. */
function crash(error: unknown): void {
  const logNow = openLog('debug', (line) => process.stderr.write(line));
  logNow('worker.crashed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exit(1);
}
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

const worker = await startWorker(config, log, crash).catch(exitOnConfigError);
log('worker.started', {
  sender_id: config.senderId,
  ccs: config.xmppUrl,
  connections: config.connections,
  port: worker.port,
});

function stop(signal: string): void {
  log('stop.requested', { signal });
  setTimeout(() => {
    log('stop.timed_out', {});
    setImmediate(() => process.exit(1));
  }, STOP_LIMIT_MS).unref();
  worker.stop().then(() => {
    log('worker.stopped', {});
    setImmediate(() => process.exit(0));
  }, crash);
}
process.once('SIGTERM', () => stop('SIGTERM'));
process.once('SIGINT', () => stop('SIGINT'));
