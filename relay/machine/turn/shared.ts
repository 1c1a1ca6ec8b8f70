import type { Agenda } from './agenda.ts';
import type { RelayConfig } from './config.ts';
import type { Hashes } from '../../model/token-hash.ts';
import type { Turn } from './turn.ts';

/** What every part of the machine shares. */
export interface Shared extends Hashes {
  readonly config: RelayConfig;
  readonly turn: Turn;
  readonly agenda: Agenda;
}
