/** What CCS leaves un-acked on a connection before it sends more (protocol §5). */
export const UPSTREAM_WINDOW = 100;

export interface UpstreamLoad {
  readonly warmUp: number;
  readonly messages: number;
  readonly connections: number;
}

/** What the bare publisher is told. */
export interface BareJob {
  readonly projectId: string;
  readonly topic: string;
  /** Published and not answered, at once. */
  readonly outstanding: number;
  readonly warmUp: number;
  readonly messages: number;
}
