import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { HOST } from '../../local/ports.ts';
import { HASH_KEY, type Backlog } from '../drain/backlog.ts';
import { messageOf } from '../engine/load-job.ts';
import { SENDER } from '../sender.ts';
import { TurnError, type SideProcess } from '../side-process.ts';
import type { Stage } from '../stage.ts';

export interface Listening {
  readonly kind: 'listening';
  readonly port: number;
}

const PROGRAM = join(import.meta.dirname, 'api.ts');
const API_KEY = 'bench-key';
const KEYS = JSON.stringify([{ name: 'bench', sha256: createHash('sha256').update(API_KEY).digest('hex'), can: ['send', 'read'] }]);

/** The HTTPS API in a process of its own, and a caller of it that keeps its connections. */
export class ApiSide {
  readonly side: SideProcess;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(side: SideProcess, port: number) {
    this.side = side;
    this.#port = port;
  }

  static async start(stage: Stage, { topicPrefix }: Backlog): Promise<ApiSide> {
    const side = stage.side(PROGRAM, { RELAY_SENDERS: SENDER.id, RELAY_TOPIC_PREFIX: topicPrefix, RELAY_API_KEYS: KEYS, TOKEN_HASH_KEY: HASH_KEY });
    const { port } = await side.said<Listening>('listening');
    return new ApiSide(side, port);
  }

  /** Hands in the message of this number, alone. Resolves when it is accepted. @throws TurnError when it is not */
  post(n: number): Promise<void> {
    const headers = { authorization: `key=${API_KEY}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const call = request({ host: HOST, port: this.#port, path: '/v1/messages', method: 'POST', agent: this.#agent, headers }, (response) => {
        response.resume().once('error', reject).once('end', () => {
          if (response.statusCode === 202) resolve();
          else reject(new TurnError(`message ${n} was answered ${response.statusCode ?? 'nothing'}`));
        });
      });
      call.once('error', reject);
      call.end(JSON.stringify(messageOf(n)));
    });
  }

  async end(): Promise<void> {
    this.#agent.destroy();
    await this.side.end('SIGTERM');
  }
}
