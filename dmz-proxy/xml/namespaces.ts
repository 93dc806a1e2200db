// Which namespace a prefix stands for where (Namespaces in XML 1.0, xmpp-boundary P6). Our own bookkeeping beside the
// tokenizer's: most elements declare a default namespace or nothing, and cost nothing here.

/** The declarations in force inside an element; an element that declares none has its parent's. */
export type Scope = {
  /** The namespace of names without a prefix; empty where there is none. */
  readonly defaultNs: string;
  readonly prefixes: Prefixes;
};

/** What one element declares, and what stands above it. */
type Prefixes = { readonly own: ReadonlyMap<string, string>; readonly above: Prefixes | undefined };

export type Declaration = { readonly prefix: string; readonly ns: string };

const xmlNs = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNs = 'http://www.w3.org/2000/xmlns/';

/** The scope outside of the root. */
export const outermost: Scope = { defaultNs: '', prefixes: { own: new Map([['xml', xmlNs]]), above: undefined } };

/** The scope of an element with these declarations; the empty prefix declares the default. */
export function declare(scope: Scope, declarations: readonly Declaration[]): Scope {
  let { defaultNs } = scope;
  let own: Map<string, string> | undefined;
  for (const { prefix, ns } of declarations) {
    if (prefix === '') defaultNs = ns;
    else {
      own ??= new Map();
      own.set(prefix, ns);
    }
  }
  return { defaultNs, prefixes: own === undefined ? scope.prefixes : { own, above: scope.prefixes } };
}

/** Whether a prefix may be declared so: none is taken back, and the two of XML itself stand for nothing else. */
export function isDeclarable({ prefix, ns }: Declaration): boolean {
  if (ns === xmlnsNs || prefix === 'xmlns') return false;
  if (ns === xmlNs || prefix === 'xml') return ns === xmlNs && prefix === 'xml';
  return prefix === '' || ns !== '';
}

/** The namespace of a prefix; undefined where nobody declared it. */
export function resolve(scope: Scope, prefix: string): string | undefined {
  for (let each: Prefixes | undefined = scope.prefixes; each !== undefined; each = each.above) {
    const ns = each.own.get(prefix);
    if (ns !== undefined) return ns;
  }
  return undefined;
}
