// Reads a stream of XML (RFC 6120 §4 and §11) for a test peer: cuts it into first-level elements and parses each one.
//
// Written apart from the product's reader on purpose: what one reader overlooks, the other should not overlook too.

export type Element = {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  readonly text: string;
};

export type StreamPart =
  | { readonly kind: 'header'; readonly attributes: ReadonlyMap<string, string>; readonly raw: string }
  | { readonly kind: 'element'; readonly raw: string }
  | { readonly kind: 'end' };

/**
 * A cutter for one stream. `push` takes the next piece of text and returns the parts that are now complete, in order.
 * Throws on what restricted XML forbids (comments, DOCTYPE, CDATA) and on a part of more than 1 MiB.
 */
export function streamCutter(): { push(text: string): readonly StreamPart[] } {
  let rest = '';
  let position = 0;
  let start = 0;
  let depth = 0;

  const push = (text: string): readonly StreamPart[] => {
    rest += text;
    const parts: StreamPart[] = [];
    for (;;) {
      const open = rest.indexOf('<', position);
      if (open === -1) {
        position = rest.length;
        break;
      }
      const end = tagEnd(rest, open);
      if (end === -1) {
        position = open;
        break;
      }
      const second = rest.charAt(open + 1);
      position = end + 1;
      if (second === '?') continue;
      if (second === '!') throw new Error(`not restricted XML: ${rest.slice(open, open + 20)}`);
      if (second === '/') {
        depth -= 1;
        if (depth === 1) parts.push({ kind: 'element', raw: rest.slice(start, position) });
        if (depth === 0) parts.push({ kind: 'end' });
        continue;
      }
      if (depth === 1) start = open;
      const closed = rest.charAt(end - 1) === '/';
      if (depth === 0) {
        const raw = rest.slice(open, position);
        parts.push({ kind: 'header', attributes: readAttributes(raw), raw });
        depth = 1;
      } else if (!closed) depth += 1;
      else if (depth === 1) parts.push({ kind: 'element', raw: rest.slice(start, position) });
    }
    const keep = depth > 1 ? start : position;
    rest = rest.slice(keep);
    position -= keep;
    start = 0;
    if (rest.length > 1_048_576) throw new Error('an element of more than 1 MiB');
    return parts;
  };

  return { push };
}

/** Parses one whole element. `inherited` is the default namespace that it stands in. Throws when it is not well formed. */
export function parseElement(raw: string, inherited = 'jabber:server'): Element {
  const tags = /<(\/?)([^\s/>]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>/g;
  const stack: Building[] = [];
  let after = 0;
  for (let tag = tags.exec(raw); tag !== null; tag = tags.exec(raw)) {
    const above = stack.at(-1);
    if (above) above.text += unescapeXml(raw.slice(after, tag.index));
    after = tags.lastIndex;
    const [, closing = '', qualified = '', attributeText = '', selfClosing = ''] = tag;
    if (closing === '') stack.push(opened(qualified, attributeText, above?.scope ?? new Map([['', inherited]])));
    if (closing === '' && selfClosing === '') continue;
    const done = stack.pop();
    if (!done || (closing !== '' && done.qualified !== qualified)) throw new Error(`not well formed: ${raw}`);
    const parent = stack.at(-1);
    if (!parent) return done;
    parent.children.push(done);
  }
  throw new Error(`not a whole element: ${raw}`);
}

/** The first child of that name, in that namespace if one is given. */
export function child(element: Element, name: string, namespace?: string): Element | undefined {
  return element.children.find((each) => each.name === name && (!namespace || each.namespace === namespace));
}

/** Text as it may stand between tags and in attributes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

type Building = {
  readonly qualified: string;
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
  readonly scope: ReadonlyMap<string, string>;
  text: string;
};

function opened(qualified: string, attributeText: string, outer: ReadonlyMap<string, string>): Building {
  const attributes = readAttributes(attributeText);
  let scope = outer;
  for (const [key, value] of attributes) {
    if (key === 'xmlns') scope = new Map([...scope, ['', value]]);
    else if (key.startsWith('xmlns:')) scope = new Map([...scope, [key.slice(6), value]]);
  }
  const colon = qualified.indexOf(':');
  const prefix = colon === -1 ? '' : qualified.slice(0, colon);
  const namespace = scope.get(prefix) ?? (prefix === 'stream' ? 'http://etherx.jabber.org/streams' : '');
  return { qualified, name: qualified.slice(colon + 1), namespace, attributes, children: [], scope, text: '' };
}

function readAttributes(tag: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, key = '', double, single] of tag.matchAll(/([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(key, unescapeXml(double ?? single ?? ''));
  }
  return attributes;
}

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return entities.get(name) ?? whole;
  });
}

const entities = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

function tagEnd(text: string, open: number): number {
  for (let index = open + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 62) return index;
    if (code !== 34 && code !== 39) continue;
    const closing = text.indexOf(code === 34 ? '"' : "'", index + 1);
    if (closing === -1) return -1;
    index = closing;
  }
  return -1;
}
