import { TestEnvironment } from 'jest-environment-node';

const LEAKS = new Set(['Timeout', 'TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'ProcessWrap']);
const GRACE_MS = 2_000; // sockets that are closing need some turns of the loop

/** Those of `now` that are not in `before`; what the jest process itself holds was there before. */
function added(now, before) {
  const rest = [...before];
  return now.filter((kind) => {
    const at = rest.indexOf(kind);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

const open = () => process.getActiveResourcesInfo().filter((kind) => LEAKS.has(kind));

/**
 * Node's environment; a test file fails if a socket, timer, server or process of its own is open after its last hook.
 */
export default class LeakEnvironment extends TestEnvironment {
  #before = [];

  async setup() {
    await super.setup();
    this.#before = open();
  }

  async teardown() {
    const end = Date.now() + GRACE_MS;
    let leaked = added(open(), this.#before);
    while (leaked.length > 0 && Date.now() < end) {
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      leaked = added(open(), this.#before);
    }
    await super.teardown();
    if (leaked.length > 0) throw new Error(`left open by this file: ${leaked.sort().join(', ')}`);
  }
}
