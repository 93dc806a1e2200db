// ESS security labels (RFC 2634 §3.2) out of their bytes and into them: strict, bounded, and every text a text.

/** What an ESS security label says, before anybody says what that means. */
export type EssLabel = {
  /** The security policy that gives the rest a meaning: an object identifier in dots. */
  readonly policy: string;
  /** 0 (unmarked) where it has none, up to 256. */
  readonly classification: number;
  /** Words for people; empty where there are none. */
  readonly privacyMark: string;
  /** The categories, each an object identifier and a text; a label with another kind of value is not read. */
  readonly categories: readonly { readonly type: string; readonly text: string }[];
};

const bytesAtMost = 4096;
const categoriesAtMost = 32;
const categoryCharacters = 60;
const privacyMarkCharacters = 128;
const oidBytes = 40;

const tags = { integer: 0x02, oid: 0x06, utf8: 0x0c, sequence: 0x30, set: 0x31, type: 0x80, value: 0xa1 } as const;
const printable = 0x13;
const ia5 = 0x16;

/**
 * Reads the label: BER of definite lengths, each field at most once, nothing behind it. Undefined for anything else, for
 * a category whose value is no text of at most 60 characters, and for more than 4,096 bytes.
 */
export function readEssLabel(ber: Uint8Array): EssLabel | undefined {
  if (ber.length > bytesAtMost) return undefined;
  const outer = elementAt(ber, 0, ber.length);
  if (outer === undefined || outer.tag !== tags.set || outer.end !== ber.length) return undefined;
  let policy: string | undefined;
  let classification: number | undefined;
  let privacyMark: string | undefined;
  let categories: EssLabel['categories'] | undefined;
  for (let at = outer.start; at < outer.end; ) {
    const element = elementAt(ber, at, outer.end);
    if (element === undefined) return undefined;
    at = element.end;
    switch (element.tag) {
      case tags.oid:
        if (policy !== undefined) return undefined;
        policy = oidOf(ber.subarray(element.start, element.end));
        if (policy === undefined) return undefined;
        break;
      case tags.integer:
        if (classification !== undefined) return undefined;
        classification = smallNumber(ber.subarray(element.start, element.end));
        if (classification === undefined) return undefined;
        break;
      case tags.utf8:
      case printable:
        if (privacyMark !== undefined) return undefined;
        privacyMark = textOf(ber, element, privacyMarkCharacters);
        if (privacyMark === undefined) return undefined;
        break;
      case tags.set:
        if (categories !== undefined) return undefined;
        categories = categoriesOf(ber, element);
        if (categories === undefined) return undefined;
        break;
      default:
        return undefined;
    }
  }
  if (policy === undefined) return undefined;
  return { policy, classification: classification ?? 0, privacyMark: privacyMark ?? '', categories: categories ?? [] };
}

/** The bytes of a label, in DER. */
export function writeEssLabel({ policy, classification, privacyMark, categories }: EssLabel): Uint8Array {
  const fields = [
    ...(classification === 0 ? [] : [encoded(tags.integer, numberBytes(classification))]),
    encoded(tags.oid, oidBytesOf(policy)),
    ...(privacyMark === '' ? [] : [encoded(tags.utf8, Buffer.from(privacyMark))]),
    ...(categories.length === 0 ? [] : [encoded(tags.set, categoryBytes(categories))]),
  ];
  return encoded(tags.set, Buffer.concat(fields));
}

function categoriesOf(ber: Uint8Array, set: Element): EssLabel['categories'] | undefined {
  const categories: { readonly type: string; readonly text: string }[] = [];
  for (let at = set.start; at < set.end; ) {
    const category = elementAt(ber, at, set.end);
    if (category?.tag !== tags.sequence || categories.length === categoriesAtMost) return undefined;
    at = category.end;
    const type = elementAt(ber, category.start, category.end);
    const value = type === undefined ? undefined : elementAt(ber, type.end, category.end);
    if (type?.tag !== tags.type || value?.tag !== tags.value || value.end !== category.end) return undefined;
    const inner = elementAt(ber, value.start, value.end);
    if (inner === undefined || inner.end !== value.end) return undefined;
    if (inner.tag !== tags.utf8 && inner.tag !== printable && inner.tag !== ia5) return undefined;
    const oid = oidOf(ber.subarray(type.start, type.end));
    const text = textOf(ber, inner, categoryCharacters);
    if (oid === undefined || text === undefined || text === '') return undefined;
    categories.push({ type: oid, text });
  }
  return categories;
}

type Element = { readonly tag: number; readonly start: number; readonly end: number };

function elementAt(ber: Uint8Array, at: number, limit: number): Element | undefined {
  const tag = ber[at];
  const first = ber[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit) return undefined;
  let length = first;
  let start = at + 2;
  if (first > 0x80 && first <= 0x82) {
    length = 0;
    for (let i = 0; i < first - 0x80; i++) length = length * 256 + (ber[start + i] ?? 0);
    start += first - 0x80;
  } else if (first >= 0x80) return undefined;
  const end = start + length;
  return end <= limit ? { tag, start, end } : undefined;
}

function textOf(ber: Uint8Array, { start, end }: Element, characters: number): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(ber.subarray(start, end));
  } catch {
    return undefined;
  }
  return text.length > characters || /[\x00-\x1f\x7f-\x9f\ufffe\uffff]/.test(text) ? undefined : text;
}

// 0 to 256, in as few bytes as it takes.
function smallNumber(bytes: Uint8Array): number | undefined {
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 1) return first <= 127 ? first : undefined;
  if (bytes.length !== 2 || (first === 0 && second <= 127)) return undefined;
  const value = first * 256 + second;
  return value <= 256 ? value : undefined;
}

function numberBytes(value: number): Uint8Array {
  return Uint8Array.from(value <= 127 ? [value] : [value >> 8, value & 0xff]);
}

function oidOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > oidBytes) return undefined;
  const arcs: number[] = [];
  let value = 0;
  let isOpen = false;
  for (const byte of bytes) {
    // An arc begins with no empty group, and has 28 bits at most here.
    if ((!isOpen && byte === 0x80) || value >= 2 ** 21) return undefined;
    value = value * 128 + (byte & 0x7f);
    isOpen = byte >= 0x80;
    if (isOpen) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else arcs.push(value);
    value = 0;
  }
  return isOpen ? undefined : arcs.join('.');
}

function oidBytesOf(text: string): Uint8Array {
  const [first = 0, second = 0, ...more] = text.split('.').map(Number);
  const bytes = [40 * first + second, ...more].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      groups.unshift((rest & 0x7f) | 0x80);
    return groups;
  });
  return Uint8Array.from(bytes);
}

function categoryBytes(categories: EssLabel['categories']): Uint8Array {
  return Buffer.concat(
    categories
      .map(({ type, text }) =>
        encoded(
          tags.sequence,
          Buffer.concat([
            encoded(tags.type, oidBytesOf(type)),
            encoded(tags.value, encoded(tags.utf8, Buffer.from(text))),
          ]),
        ),
      )
      // DER: the elements of a set stand in the order of their bytes.
      .sort(Buffer.compare),
  );
}

function encoded(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([tag, ...size]), content]);
}
