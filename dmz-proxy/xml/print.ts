// Canonical XML (xmpp-boundary P16): one way to write each element, so that no two parsers read it differently.
// Double quotes, no prefixes, no CDATA, a default namespace declared wherever it changes.
import type { Element } from '@xmpp/xml';
import type { XmlElement } from './element.ts';

/**
 * Writes an element as it stands. `scopeNs` is the default namespace in force where it will be put. Attributes are
 * written by their local names; `xml:lang` as such; attributes of other namespaces are left out (P15).
 */
export function printElement(element: XmlElement, scopeNs: string): string {
  let out = `<${element.name}`;
  if (element.ns !== scopeNs) out += ` xmlns="${escapeAttribute(element.ns)}"`;
  for (const name of Object.keys(element.attributes)) {
    if (name.startsWith('{')) continue;
    out += ` ${name}="${escapeAttribute(element.attributes[name] ?? '')}"`;
  }
  if (element.text === '' && element.children.length === 0) return `${out}/>`;
  out += `>${escapeText(element.text)}`;
  for (const child of element.children) out += printElement(child, element.ns);
  return `${out}</${element.name}>`;
}

/** Writes an element that was built with @xmpp/xml. Its names and namespace declarations stand as they were built. */
export function printBuilt(element: Element): string {
  let out = `<${element.name}`;
  for (const name of Object.keys(element.attrs)) {
    const value = element.attrs[name];
    if (value !== undefined) out += ` ${name}="${escapeAttribute(value)}"`;
  }
  if (element.children.length === 0) return `${out}/>`;
  out += '>';
  for (const child of element.children) out += typeof child === 'string' ? escapeText(child) : printBuilt(child);
  return `${out}</${element.name}>`;
}

/** An element without attributes that holds nothing but text. */
export function printTextual(name: string, text: string): string {
  return text === '' ? `<${name}/>` : `<${name}>${escapeText(text)}</${name}>`;
}

/** Character data as it stands between tags. A carriage return is written as a reference, or it would be lost. */
export function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, escapeCharacter) : text;
}

/** An attribute's value as it stands between double quotes. White space but the space is written as references. */
export function escapeAttribute(value: string): string {
  return /[&<>"\r\n\t]/.test(value) ? value.replace(/[&<>"\r\n\t]/g, escapeCharacter) : value;
}

function escapeCharacter(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    default:
      return `&#${character.charCodeAt(0)};`;
  }
}
