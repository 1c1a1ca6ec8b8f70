/** What the alternatives use of @xmpp/client, in addition to relay/adapters/xmpp/xmpp-client.d.ts. */
declare module '@xmpp/client' {
  interface Client {
    start(): Promise<unknown>;
    /** All of them in one write. */
    sendMany(elements: readonly Element[]): Promise<void>;
  }
}

/** The part of node-xcs 0.1.8 that is used here. */
declare module 'node-xcs' {
  interface Message {
    addData(key: string, value: string): this;
    priority(value: string): this;
    timeToLive(seconds: number): this;
    build(): this;
  }
  interface Result {
    getMessageId(): string;
    getMessageType(): 'ack' | 'nack';
  }
  interface Sender {
    start(): void;
    on(event: string, listener: (...args: unknown[]) => void): void;
    sendNoRetry(message: Message, to: string, answered: (result: Result) => void): void;
  }
  const library: {
    readonly Sender: new (senderId: string, serverKey: string) => Sender;
    readonly Message: new (id: string) => Message;
    readonly Constants: { FCM_SEND_ENDPOINT: string; FCM_SEND_PRODUCTION_PORT: number };
  };
  export default library;
}
