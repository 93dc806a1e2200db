// Tags become elements, within bounds (xmpp-boundary §0.2, P6, P9): depth, elements, attributes, namespace
// declarations. The tokenizer's depth must be bounded here: its cost grows with the square of it.
import { Buffer } from 'node:buffer';
import type { SaxesTagNS } from 'saxes';
import type { XmlElement } from './element.ts';

/** What is too much or not allowed in a tag. */
export type TagFault = 'depth' | 'elements' | 'attributes' | 'namespaces' | 'attribute-value' | 'name';

export type ElementBuilder = {
  /** Opens the element of a complete tag, or says what is wrong with the tag. */
  readonly openTag: (tag: SaxesTagNS) => XmlElement | TagFault;
  readonly addText: (text: string) => void;
  /** The innermost element ends. */
  readonly closeTag: () => XmlElement | undefined;
  /** How many elements are open, the root included. */
  readonly depth: () => number;
};

const depthAtMost = 32;
const elementsAtMost = 1024;
const attributesAtMost = 32;
const namespacesAtMost = 16;
const valueBytesAtMost = 4096;
const notAtStart = /^(?:[-.0-9]|\u00B7|[\u0300-\u036F]|\u203F|\u2040)/;

type Open = {
  readonly ns: string;
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Open[];
  text: string;
};

/** Makes the builder of one stream. Depth and elements are counted from each first-level element, itself included. */
export function createElementBuilder(): ElementBuilder {
  const open: Open[] = [];
  let elements = 0;

  return {
    openTag(tag) {
      if (open.length > depthAtMost) return 'depth';
      elements = open.length <= 1 ? 1 : elements + 1;
      if (elements > elementsAtMost) return 'elements';
      if (isQualifiedWrongly(tag.name)) return 'name';
      const attributes: Record<string, string> = Object.create(null);
      const fault = addAttributes(tag, attributes);
      if (fault !== undefined) return fault;
      const element: Open = { ns: tag.uri, name: tag.local, attributes, children: [], text: '' };
      // The root collects nothing: it would grow for ever.
      if (open.length > 1) open.at(-1)?.children.push(element);
      open.push(element);
      return element;
    },

    addText(text) {
      const element = open.at(-1);
      if (element !== undefined && open.length > 1) element.text += text;
    },

    closeTag: () => open.pop(),
    depth: () => open.length,
  };
}

function addAttributes(tag: SaxesTagNS, attributes: Record<string, string>): TagFault | undefined {
  let count = 0;
  let namespaces = 0;
  for (const key in tag.attributes) {
    const attribute = tag.attributes[key];
    if (attribute === undefined) continue;
    const { name, prefix, local, uri, value } = attribute;
    if (isLong(value)) return 'attribute-value';
    if (prefix === 'xmlns' || name === 'xmlns') {
      // The parser trims these, so that ` jabber:server ` would become another name than its writer's.
      if (value !== value.trim()) return 'name';
      if (++namespaces > namespacesAtMost) return 'namespaces';
      continue;
    }
    if (++count > attributesAtMost) return 'attributes';
    if (prefix === '' || name === 'xml:lang') attributes[name] = value;
    else if (isQualifiedWrongly(name)) return 'name';
    else attributes[`{${uri}}${local}`] = value;
  }
  return undefined;
}

function isLong(value: string): boolean {
  return value.length * 3 > valueBytesAtMost && Buffer.byteLength(value) > valueBytesAtMost;
}

// Namespaces in XML §4: behind the colon a name starts again. The parser looks at the first character only.
function isQualifiedWrongly(name: string): boolean {
  const colon = name.indexOf(':');
  return colon >= 0 && notAtStart.test(name.slice(colon + 1));
}
