import type { Lease } from './input.ts';
import type { Note } from './note.ts';
import type { RelayEvent } from '../../model/event.ts';
import type { OutgoingMessage } from '../../model/link.ts';
import type { Version } from '../../model/ports.ts';
import type { MessageRecord, RecordChange, RegistrationRecord } from '../../model/record.ts';

/** What the pump is to do. It performs them in order and reports what comes of them as inputs. */
export type Effect =
  /** The document of a message: → read | storeFailed, → written | conflicted | storeFailed. */
  | { readonly kind: 'read'; readonly messageId: string }
  | { readonly kind: 'create'; readonly messageId: string; readonly record: MessageRecord }
  | { readonly kind: 'write'; readonly messageId: string; readonly version: Version; readonly change: RecordChange }
  /** Publish all of these (and mark the registration), → announced | announceFailed. */
  | {
      readonly kind: 'announce';
      readonly messageId: string;
      readonly events: readonly RelayEvent[];
      readonly registration: RegistrationMark | undefined;
      /** The message itself goes to the dead letters as well, for a replay. */
      readonly letter: LetterOf | undefined;
    }
  /** One event from upstream, → published | publishFailed. */
  | { readonly kind: 'publish'; readonly key: string; readonly event: RelayEvent }
  | { readonly kind: 'ackLease'; readonly lease: Lease }
  | { readonly kind: 'releaseLease'; readonly lease: Lease }
  /** Open a link under this name. What it reports comes in as `link`; the five below are calls of it. */
  | { readonly kind: 'connect'; readonly connection: string }
  | {
      readonly kind: 'send';
      readonly connection: string;
      readonly message: OutgoingMessage;
      readonly ttlSeconds: number;
    }
  | {
      readonly kind: 'ackUpstream';
      readonly connection: string;
      readonly from: string;
      readonly messageId: string;
    }
  | { readonly kind: 'abandon'; readonly connection: string; readonly messageId: string }
  | { readonly kind: 'ping'; readonly connection: string }
  | { readonly kind: 'close'; readonly connection: string }
  /** The machine has forgotten it already and ignores its `closed`. */
  | { readonly kind: 'destroy'; readonly connection: string }
  /** Come back at that time, at the latest. Replaces any later one asked for before. */
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'note'; readonly note: Note }
  /** No connection is open: take nothing more from the queue. What arrives meanwhile goes back. */
  | { readonly kind: 'pausePulls' }
  | { readonly kind: 'resumePulls' }
  /** After `stop`: nothing is held any longer. */
  | { readonly kind: 'drained' };

/** The dead letter of a message: what was pulled under `lease`, and why. */
export interface LetterOf {
  readonly lease: Lease;
  /** Stable, for programs. */
  readonly reason: string;
  /** For people. */
  readonly detail: string;
}

export interface RegistrationMark {
  readonly tokenHash: string;
  readonly record: RegistrationRecord;
}
