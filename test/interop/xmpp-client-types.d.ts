// What the tests use of @xmpp/client, which comes without types.
declare module '@xmpp/client' {
  export type XmlElement = {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string | undefined>>;
    readonly children: readonly (XmlElement | string)[];
    getChild(name: string, xmlns?: string): XmlElement | undefined;
    getChildText(name: string, xmlns?: string): string | null;
    getChildElements(): XmlElement[];
    toString(): string;
  };
  export type Client = {
    start(): Promise<{ toString(): string }>;
    stop(): Promise<unknown>;
    send(element: XmlElement): Promise<void>;
    on(event: 'stanza', listener: (stanza: XmlElement) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    readonly reconnect: { stop(): void };
  };
  export function client(options: {
    readonly service: string;
    readonly domain: string;
    readonly username: string;
    readonly password: string;
    readonly resource?: string;
  }): Client;
  export function xml(
    name: string,
    attributes?: Readonly<Record<string, string>>,
    ...children: readonly (XmlElement | string)[]
  ): XmlElement;
}
