/** The socket, as a session needs it. */
export interface Link {
  /** Queues text; the order is kept. */
  send(text: string): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Drops the connection with a TCP reset. */
  reset(): void;
  /** Stops reading and writing, but keeps the socket open. */
  freeze(): void;
}
