import type { Agenda } from './agenda.ts';
import type { RelayConfig } from './config.ts';
import type { Hashes } from '../../model/token-hash.ts';
import type { Turn } from './turn.ts';

/** Shared by all parts of the machine. */
export interface Shared extends Hashes {
  readonly config: RelayConfig;
  readonly turn: Turn;
  readonly agenda: Agenda;
}
