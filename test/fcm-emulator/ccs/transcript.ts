import { deviceSchema } from '../../../fcm-emulator/devices/devices.ts';
import { ruleSchema } from '../../../fcm-emulator/faults/rules.ts';
import { upstreamSchema } from '../../../fcm-emulator/devices/upstream-message.ts';
import { memoryServer, type MemoryClient } from '../support/memory-client.ts';

/**
 * Replays the script of whole connections. `C1: …` is what client 1 writes, `S1: …` what the server answers, `S1
 * closed` that it ended the connection; `\n` is a line end; `X: …` is a command from outside (device, rule, upstream,
 * drain, advance, lost); `#` starts a comment.
 */
export function replay(script: string): string {
  const { backend, ccs, clock, connect } = memoryServer({ senders: { 1234567890: 'server-key' } });
  const clients = new Map<string, MemoryClient>();
  const closed = new Set<string>();
  const out: string[] = [];
  const settle = (): void => {
    for (const [name, client] of clients) {
      const text = client.take();
      if (text !== '') out.push(`S${name}: ${text}`);
      if ((client.ended || client.reset) && !closed.has(name)) {
        closed.add(name);
        out.push(`S${name} ${client.reset ? 'reset' : 'closed'}`);
      }
    }
  };
  const command = (verb: string, argument: string, json: string): void => {
    switch (verb) {
      case 'device':
        return backend.putDevice(argument, deviceSchema.parse(JSON.parse(json)));
      case 'rule':
        return void backend.faults.add(ruleSchema.parse(JSON.parse(argument)), clock.now());
      case 'upstream':
        return void ccs.outboxes.submit(upstreamSchema.parse(JSON.parse(argument)), '1234567890');
      case 'drain':
        return ccs.sessions.list().forEach((session) => ccs.drain(session));
      case 'advance':
        return clock.advance(Number(argument));
      case 'lost':
        return clients.get(argument)?.session.lost('script');
      default:
        throw new Error(`unknown command ${verb}`);
    }
  };
  for (const line of script.split('\n')) {
    const client = /^C(\d+): (.*)$/.exec(line);
    const remote = /^X: (\w+)(?: (\S+)(?: (\{.*))?)?$/.exec(line);
    if (line.startsWith('S')) continue;
    out.push(line);
    if (client !== null) {
      const [, name = '', text = ''] = client;
      const at = clients.get(name) ?? connect();
      clients.set(name, at);
      at.session.receive(Buffer.from(text.replaceAll('\\n', '\n')));
    } else if (remote !== null) command(remote[1] ?? '', remote[2] ?? '', remote[3] ?? '');
    settle();
  }
  return out.join('\n');
}
