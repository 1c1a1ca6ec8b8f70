/** @xmpp/client 0.14 ships no types. What this folder uses of it, and nothing more. */
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';

  /** An element of ltx, the library's XML tree. */
  export interface Element {
    readonly name: string;
    readonly attrs: Record<string, string | undefined>;
    parent: Element | null;
    readonly children: (Element | string)[];
    /** The local name, and the namespace when given. */
    is(name: string, namespace?: string): boolean;
    getName(): string;
    getNS(): string | undefined;
    getChild(name: string, namespace?: string): Element | undefined;
    getChildren(name: string, namespace?: string): Element[];
    getChildElements(): Element[];
    getText(): string;
    append(...nodes: (Element | string)[]): void;
    t(text: string): Element;
    toString(): string;
  }

  interface Xml {
    (name: string, attrs?: Record<string, string>, ...children: (Element | string)[]): Element;
    readonly Element: new (name: string, attrs: Record<string, string>) => Element;
  }
  export const xml: Xml;

  /** What the library needs of a socket and of a parser, and how a transport names them. */
  export interface Socket extends EventEmitter {
    readonly secure: boolean;
    connect(parameters: object): void;
    write(text: string, taken: (error?: Error) => void): void;
    end(): void;
  }
  export interface Parser extends EventEmitter {
    write(text: string): void;
  }
  export interface TransportPrototype {
    socketParameters(service: string): object | undefined;
    Socket: new () => Socket;
    Parser: new () => Parser;
  }

  interface Deferred {
    reject(error: Error): void;
  }

  export interface Client extends EventEmitter {
    /** The first one whose `socketParameters` answers carries the connection. */
    readonly transports: { readonly prototype: TransportPrototype }[];
    readonly reconnect: { stop(): void };
    readonly iqCaller: {
      readonly handlers: ReadonlyMap<string, Deferred>;
      request(stanza: Element, timeoutMs: number): Promise<Element>;
    };
    connect(service: string): Promise<unknown>;
    open(options: { domain: string }): Promise<unknown>;
  }

  interface PlainCredentials {
    readonly username: string;
    readonly password: string;
  }
  type Authenticate = (credentials: PlainCredentials, mechanism: string) => Promise<void>;

  export function client(options: {
    service: string;
    domain: string;
    resource?: string;
    /** How long `open` waits for the peer's stream header. */
    timeout: number;
    credentials: (authenticate: Authenticate) => Promise<void>;
  }): Client;
}
