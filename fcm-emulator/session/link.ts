/** The socket, as a session needs it. */
export interface Link {
  /** Hands over; the link keeps the order. */
  send(text: string): void;
  /** Sends what is handed over, then closes. */
  end(): void;
  /** Drops the connection with a TCP reset. */
  reset(): void;
  /** Neither reads nor writes from now on, and keeps the socket. */
  freeze(): void;
}
