/**
 * A test file fails if a socket, timer or server that it opened is still open when it ends.
 * Handles of the jest process itself are there before the file starts and do not count.
 */
const LEAKS = new Set(['Timeout', 'Immediate', 'TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'ProcessWrap']);

const open = (): string[] => process.getActiveResourcesInfo().filter((kind) => LEAKS.has(kind)).sort();
const GRACE_MS = 2_000; // sockets that are closing need a few turns of the loop

const before = open();

function added(): string[] {
  const rest = [...before];
  return open().filter((kind) => {
    const at = rest.indexOf(kind);
    if (at < 0) return true;
    rest.splice(at, 1);
    return false;
  });
}

afterAll(async () => {
  const end = Date.now() + GRACE_MS;
  while (added().length > 0 && Date.now() < end) await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const leaked = added().filter((kind) => kind !== 'Immediate');
  if (leaked.length > 0) throw new Error(`left open by this file: ${leaked.join(', ')}`);
});
