// Tags become elements with expanded names, within bounds (xmpp-boundary §0.2, P6, P9): depth, elements, attributes,
// namespace declarations. The tokenizer's depth must be bounded here: its cost grows with the square of it.
import { Buffer } from 'node:buffer';
import type { XmlElement } from './element.ts';
import { type Declaration, declare, isDeclarable, outermost, resolve, type Scope } from './namespaces.ts';

/** What is too much or not allowed in a tag. */
export type TagFault =
  | 'depth'
  | 'elements'
  | 'attributes'
  | 'namespaces'
  | 'attribute-value'
  | 'name'
  | 'prefix'
  | 'attribute-twice';

export type ElementBuilder = {
  /** An attribute of the tag that is being read, as it is written; or what is wrong with it, so that nobody reads on. */
  readonly addAttribute: (name: string, value: string) => TagFault | undefined;
  /** Opens the element of a complete tag, or says what is wrong with the tag. */
  readonly openTag: (name: string) => XmlElement | TagFault;
  readonly addText: (text: string) => void;
  /** The innermost element ends. */
  readonly closeTag: () => XmlElement | undefined;
  /** How many elements are open, the root included. */
  readonly depth: () => number;
  /** The default namespace inside the innermost element. */
  readonly defaultNs: () => string;
};

const depthAtMost = 32;
const elementsAtMost = 1024;
const attributesAtMost = 32;
const namespacesAtMost = 16;
const valueBytesAtMost = 4096;
// What a local name behind a prefix, and a prefix, must not start with: the tokenizer looks at the first character only.
const notAtStart = /^(?:[-.0-9]|\u00B7|[\u0300-\u036F]|\u203F|\u2040)/;

type Open = {
  readonly ns: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Open[];
  text: string;
};
type Written = { readonly name: string; readonly value: string };

/** Makes the builder of one stream. Depth and elements are counted from each first-level element, itself included. */
export function createElementBuilder(): ElementBuilder {
  const open: Open[] = [];
  // The scope inside each open element, and outside of all.
  const scopes: Scope[] = [outermost];
  let written: Written[] = [];
  let declarations: Declaration[] = [];
  let count = 0;
  let elements = 0;

  function addAttribute(name: string, value: string): TagFault | undefined {
    if (isLong(value)) return 'attribute-value';
    if (name.startsWith('xmlns') && (name.length === 5 || name[5] === ':')) return addDeclaration(name, value);
    if (++count > attributesAtMost) return 'attributes';
    written.push({ name, value });
    return undefined;
  }

  function addDeclaration(name: string, ns: string): TagFault | undefined {
    const prefix = name.slice(6);
    if (declarations.length >= namespacesAtMost) return 'namespaces';
    // A parser that trims would read ` jabber:server ` as another name than its writer's.
    if (ns !== ns.trim() || !isDeclarable({ prefix, ns })) return 'name';
    if (name.length > 5 && isQualifiedWrongly(name, 5)) return 'name';
    declarations.push({ prefix, ns });
    return undefined;
  }

  function begin(name: string): Open | TagFault {
    if (open.length > depthAtMost) return 'depth';
    elements = open.length <= 1 ? 1 : elements + 1;
    if (elements > elementsAtMost) return 'elements';
    const outer = scopes.at(-1) ?? outermost;
    const scope = declarations.length === 0 ? outer : declare(outer, declarations);
    const colon = name.indexOf(':');
    const ns = colon < 0 ? scope.defaultNs : prefixedNs(name, colon, scope);
    if (ns === undefined) return unresolved(name, colon);
    const attributes = written.length === 0 ? noAttributes : expandedAttributes(written, scope);
    if (typeof attributes === 'string') return attributes;
    scopes.push(scope);
    return { ns, name: colon < 0 ? name : name.slice(colon + 1), attributes, children: [], text: '' };
  }

  return {
    addAttribute,
    openTag(name) {
      const element = begin(name);
      if (typeof element === 'string') return element;
      if (written.length > 0) written = [];
      if (declarations.length > 0) declarations = [];
      count = 0;
      // The root collects nothing: it would grow for ever.
      if (open.length > 1) open.at(-1)?.children.push(element);
      open.push(element);
      return element;
    },
    addText(text) {
      const element = open.at(-1);
      if (element !== undefined && open.length > 1) element.text += text;
    },
    closeTag() {
      scopes.pop();
      return open.pop();
    },
    depth: () => open.length,
    defaultNs: () => scopes.at(-1)?.defaultNs ?? '',
  };
}

// Most elements have none but declarations, and an object without a prototype is dear.
const noAttributes: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

function expandedAttributes(
  written: readonly Written[],
  scope: Scope,
): Readonly<Record<string, string>> | 'name' | 'prefix' | 'attribute-twice' {
  const attributes: Record<string, string> = Object.create(null);
  for (const { name, value } of written) {
    const colon = name.indexOf(':');
    let key = name;
    if (colon >= 0 && name !== 'xml:lang') {
      const ns = prefixedNs(name, colon, scope);
      if (ns === undefined) return unresolved(name, colon);
      key = `{${ns}}${name.slice(colon + 1)}`;
    }
    if (attributes[key] !== undefined) return 'attribute-twice';
    attributes[key] = value;
  }
  return attributes;
}

// Undefined where the prefix is bound to nothing, or where the name is none.
function prefixedNs(name: string, colon: number, scope: Scope): string | undefined {
  return isQualifiedWrongly(name, colon) ? undefined : resolve(scope, name.slice(0, colon));
}

function unresolved(name: string, colon: number): 'name' | 'prefix' {
  return isQualifiedWrongly(name, colon) || name.startsWith('xmlns:') ? 'name' : 'prefix';
}

// Namespaces in XML §4: one colon, with a name on both sides.
function isQualifiedWrongly(name: string, colon: number): boolean {
  return (
    colon === 0 || colon === name.length - 1 || name.includes(':', colon + 1) || notAtStart.test(name.slice(colon + 1))
  );
}

function isLong(value: string): boolean {
  return value.length * 3 > valueBytesAtMost && Buffer.byteLength(value) > valueBytesAtMost;
}
