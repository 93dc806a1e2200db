// What we use of @xmpp/xml, which brings no types: building elements. Its parser is left out on purpose, since
// nothing that came from outside may be parsed by it.
declare module '@xmpp/xml' {
  export type Node = string | Element;
  export type Element = {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string | undefined>>;
    readonly children: readonly Node[];
  };
  export function xml(
    name: string,
    attributes?: Record<string, string | undefined>,
    ...children: (Node | readonly Node[] | undefined)[]
  ): Element;
}
