/** The job of the naive loop. */
export interface DrainJob {
  readonly host: string;
  readonly port: number;
  readonly projectId: string;
  readonly subscription: string;
  readonly pendingLimit: number;
  /** Messages in the queue. */
  readonly messages: number;
}
