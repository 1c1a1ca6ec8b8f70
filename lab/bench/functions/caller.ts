import { Agent, request } from 'node:http';
import { HOST } from '../../../dev/stack/ports.ts';
import { TurnError } from '../side-process.ts';

const ACCEPTED = 202;

export interface CallerSpec {
  readonly port: number;
  readonly apiKey: string;
  /** Connections, all kept alive. */
  readonly atOnce: number;
}

/** A caller of the API by plain `node:http`: it runs on the cores of what it measures. */
export class Caller {
  readonly #spec: CallerSpec;
  readonly #agent: Agent;

  constructor(spec: CallerSpec) {
    this.#spec = spec;
    this.#agent = new Agent({ keepAlive: true, maxSockets: spec.atOnce });
  }

  /** `POST /v1/messages`. Resolves after the whole answer. @throws TurnError unless it is 202 */
  post(body: Buffer): Promise<void> {
    const { port, apiKey } = this.#spec;
    const headers = {
      authorization: `key=${apiKey}`,
      'content-type': 'application/json',
      'content-length': body.length,
    };
    return new Promise((resolve, reject) => {
      request({ host: HOST, port, path: '/v1/messages', method: 'POST', headers, agent: this.#agent }, (response) => {
        let text = '';
        response
          .setEncoding('latin1')
          .on('data', (piece: string) => (text += piece))
          .on('error', reject)
          .on('end', () => {
            if (response.statusCode === ACCEPTED) resolve();
            else
              reject(new TurnError(`a call was answered ${response.statusCode ?? 'nothing'}: ${text.slice(0, 500)}`));
          });
      })
        .on('error', reject)
        .end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
