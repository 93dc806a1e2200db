// Tags become elements, within bounds (xmpp-boundary §0.2, P6, P9): depth, elements, attributes, namespace
// declarations. The tokenizer's depth must be bounded here: its cost grows with the square of it.
import { Buffer } from 'node:buffer';
import type { SaxesAttributeNSIncomplete, SaxesTagNS } from 'saxes';
import type { XmlElement } from './element.ts';

/** What is too much or not allowed in a tag. */
export type TagFault = 'depth' | 'elements' | 'attributes' | 'namespaces' | 'attribute-value' | 'name';

export type ElementBuilder = {
  /** The parser has read a tag's name. */
  readonly startTag: (name: string) => TagFault | undefined;
  readonly addAttribute: (attribute: SaxesAttributeNSIncomplete) => TagFault | undefined;
  /** The tag is complete; returns the element that it opens. */
  readonly openTag: (tag: SaxesTagNS) => XmlElement;
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
  let attributes: Record<string, string> = Object.create(null);
  let count = 0;
  let namespaces = 0;
  let qualified = false;

  return {
    startTag(name) {
      if (open.length > depthAtMost) return 'depth';
      elements = open.length <= 1 ? 1 : elements + 1;
      if (elements > elementsAtMost) return 'elements';
      attributes = Object.create(null);
      count = 0;
      namespaces = 0;
      qualified = false;
      return isQualifiedWrongly(name) ? 'name' : undefined;
    },

    addAttribute({ name, prefix, local, value }) {
      if (isLong(value)) return 'attribute-value';
      if (prefix === 'xmlns' || name === 'xmlns') {
        // The parser trims these, so that ` jabber:server ` would become another name than its writer's.
        if (value !== value.trim()) return 'name';
        return ++namespaces > namespacesAtMost ? 'namespaces' : undefined;
      }
      if (prefix === '') attributes[name] = value;
      else if (name === 'xml:lang') attributes[name] = value;
      else {
        if (isQualifiedWrongly(`${prefix}:${local}`)) return 'name';
        qualified = true;
      }
      return ++count > attributesAtMost ? 'attributes' : undefined;
    },

    openTag(tag) {
      if (qualified) addQualified(tag, attributes);
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

function addQualified(tag: SaxesTagNS, attributes: Record<string, string>): void {
  for (const { name, prefix, uri, local, value } of Object.values(tag.attributes)) {
    if (prefix === '' || prefix === 'xmlns' || name === 'xml:lang') continue;
    attributes[`{${uri}}${local}`] = value;
  }
}

function isLong(value: string): boolean {
  return value.length * 3 > valueBytesAtMost && Buffer.byteLength(value) > valueBytesAtMost;
}

// Namespaces in XML §4: behind the colon a name starts again. The parser looks at the first character only.
function isQualifiedWrongly(name: string): boolean {
  const colon = name.indexOf(':');
  return colon >= 0 && notAtStart.test(name.slice(colon + 1));
}
