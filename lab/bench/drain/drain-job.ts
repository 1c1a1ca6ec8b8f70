/** What the naive loop is told. */
export interface DrainJob {
  readonly host: string;
  readonly port: number;
  readonly projectId: string;
  readonly subscription: string;
  readonly pendingLimit: number;
  /** Messages in the queue. */
  readonly messages: number;
}
