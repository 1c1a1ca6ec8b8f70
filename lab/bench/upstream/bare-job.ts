/** How many unacked messages CCS allows on a connection (protocol §5). */
export const UPSTREAM_WINDOW = 100;

export interface UpstreamLoad {
  readonly warmUp: number;
  readonly messages: number;
  readonly connections: number;
}

/** The job of the bare publisher. */
export interface BareJob {
  readonly projectId: string;
  readonly topic: string;
  /** Publishes in progress at once. */
  readonly outstanding: number;
  readonly warmUp: number;
  readonly messages: number;
}
