// Reads frames of boundary.proto straight into plain objects, where they are written as everybody writes them: the
// loader's own way fills an object of its class and copies it, with three more for each large number.
//
// INVARIANT: it reads only what can be read in one way. A field that is unknown, of another wire type, said twice,
// too long for what holds it, or a number above 2^49: then there is no result, and the loader decides what it means. So
// nothing is taken here that the loader would refuse, or read otherwise (decode.test.ts).

/** The message in the bytes; undefined where the loader must be asked. */
export type Decode = (bytes: Buffer) => object | undefined;

type Kind = 'text' | 'bytes' | 'truth' | 'number' | 'small' | 'word' | 'message';
type Field = {
  readonly name: string;
  readonly kind: Kind;
  readonly repeated: boolean;
  /** The same few texts stand in it again and again. */
  readonly returns: boolean;
  /** Set where it was said already; members of one oneof share theirs. */
  readonly bit: number;
  /** Of a member of a oneof: the name of that, which says which member it is. */
  readonly oneof: string | undefined;
  /** Of an enum: its words by their numbers. */
  readonly words: ReadonlyMap<number, string>;
  readonly nested: Shape | undefined;
};
type Shape = {
  /** By tag: the number of the field and its one wire type. */
  readonly fields: (Field | undefined)[];
  /** What the loader makes of a message that says nothing. Its empty lists are shared, and frozen. */
  blank: Readonly<Record<string, unknown>>;
};
type Mutable = Record<string, unknown>;

/** A descriptor as the loader gives it (google.protobuf.FieldDescriptorProto, EnumValueDescriptorProto). */
type FieldDescribed = {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
};
type Described = { readonly type: object; readonly deserialize?: (bytes: Buffer) => object };

const kinds: Readonly<Record<string, Kind>> = {
  TYPE_STRING: 'text',
  TYPE_BYTES: 'bytes',
  TYPE_BOOL: 'truth',
  TYPE_INT32: 'small',
  TYPE_INT64: 'number',
  TYPE_UINT32: 'small',
  TYPE_UINT64: 'number',
  TYPE_ENUM: 'word',
  TYPE_MESSAGE: 'message',
};
const lengthDelimited: readonly Kind[] = ['text', 'bytes', 'message'];
// A number of so many bytes has one meaning in all the types that may hold it.
const bytesOfNumber = 7;
const bytesOfSmall = 4;
const bitsAtMost = 30;

// Addresses come again with each message. They are remembered by a hash of their bytes, 4,096 of 64 letters at most, each
// in the place of the one that was there; it is compared letter by letter, so that a wrong one costs time and no more.
const returning: ReadonlySet<string> = new Set(['from', 'to', 'lang']);
const rememberedAtMost = 4096;
const rememberedLength = 64;
const noWords: ReadonlyMap<number, string> = new Map();

/** The reader of one message type, by its name in the package. */
export function decoderOf(definition: Readonly<Record<string, unknown>>, packageName: string, type: string): Decode {
  const known = new Map<string, Shape>();
  const remembered: (string | undefined)[] = new Array(rememberedAtMost).fill(undefined);
  const top = shapeOf(type);
  const nothing: Buffer = Buffer.alloc(0);
  let bytes = nothing;
  let at = 0;
  let failed = false;

  function shapeOf(name: string): Shape {
    const before = known.get(name);
    if (before !== undefined) return before;
    const shape: Shape = { fields: [], blank: {} };
    known.set(name, shape);
    const { type: own, deserialize } = described(name);
    if (deserialize === undefined) throw new Error(`${name} is no message`);
    const blank = recordOf(deserialize(Buffer.alloc(0)));
    for (const each in blank) if (Array.isArray(blank[each])) blank[each] = Object.freeze([]);
    shape.blank = blank;
    const bits = new Map<string, number>();
    for (const each of listOf<FieldDescribed>(own, 'field')) {
      const kind = kinds[each.type];
      if (kind === undefined) throw new Error(`${name}.${each.name}: ${each.type} is not read here`);
      const repeated = each.label === 'LABEL_REPEATED';
      // Numbers in a row may be packed: the loader reads them.
      if (repeated && !lengthDelimited.includes(kind)) continue;
      const tag = each.number * 8 + (lengthDelimited.includes(kind) ? 2 : 0);
      const oneof = each.name in blank ? undefined : oneofOf(deserialize, tag, each.name, blank);
      const group = oneof ?? `.${each.name}`;
      const bit = bits.get(group) ?? bits.size;
      bits.set(group, bit);
      if (bit > bitsAtMost) throw new Error(`${name} has more fields than can be counted here`);
      shape.fields[tag] = {
        name: each.name,
        kind,
        repeated,
        returns: returning.has(each.name),
        bit: repeated ? 0 : 1 << bit,
        oneof,
        words: kind === 'word' ? wordsOf(each.typeName) : noWords,
        nested: kind === 'message' ? shapeOf(each.typeName) : undefined,
      };
    }
    return shape;
  }

  function wordsOf(name: string): ReadonlyMap<number, string> {
    const values = listOf<{ readonly name: string; readonly number: number }>(described(name).type, 'value');
    return new Map(values.map((each) => [each.number, each.name]));
  }

  function described(name: string): Described {
    const each = definition[name.includes('.') ? name : `${packageName}.${name}`];
    if (!isDescribed(each)) throw new Error(`${name} is not described`);
    return each;
  }

  function fail(): number {
    failed = true;
    return 0;
  }

  function varint(to: number, most: number): number {
    let value = bytes[at] ?? 0;
    if (at < to && value < 0x80) {
      at++;
      return value;
    }
    value = 0;
    let factor = 1;
    for (const end = Math.min(to, at + most); at < end; ) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return fail();
  }

  // The text of the next so many bytes, remembered if it is short and of ASCII alone.
  function text(length: number, returns: boolean): string {
    const from = at;
    at += length;
    if (length === 0) return '';
    if (!returns || length > rememberedLength) return bytes.toString('utf8', from, at);
    let hash = length;
    let all = 0;
    for (let i = from; i < at; i++) {
      const byte = bytes[i] ?? 0;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (all >= 0x80) return bytes.toString('utf8', from, at);
    const place = (hash ^ (hash >>> 15)) & (rememberedAtMost - 1);
    const before = remembered[place];
    if (before !== undefined && isWritten(before, from, length)) return before;
    const fresh = bytes.toString('latin1', from, at);
    remembered[place] = fresh;
    return fresh;
  }

  function isWritten(before: string, from: number, length: number): boolean {
    if (before.length !== length) return false;
    for (let i = 0; i < length; i++) if (before.charCodeAt(i) !== bytes[from + i]) return false;
    return true;
  }

  function value(field: Field, to: number): unknown {
    switch (field.kind) {
      case 'number':
        return varint(to, bytesOfNumber);
      case 'small':
        return varint(to, bytesOfSmall);
      case 'truth':
        return varint(to, bytesOfSmall) !== 0;
      case 'word': {
        const number = varint(to, bytesOfSmall);
        return field.words.get(number) ?? number;
      }
      case 'text':
      case 'bytes':
      case 'message': {
        const length = varint(to, bytesOfSmall);
        if (failed || length > to - at) return fail();
        if (field.kind === 'text') return text(length, field.returns);
        if (field.nested !== undefined) return message(field.nested, at + length);
        at += length;
        return bytes.subarray(at - length, at);
      }
      default:
        return field.kind satisfies never;
    }
  }

  function message(shape: Shape, to: number): Mutable {
    const made: Mutable = { ...shape.blank };
    let said = 0;
    while (at < to) {
      const field = shape.fields[varint(to, 2)];
      if (failed || field === undefined || (said & field.bit) !== 0) {
        failed = true;
        return made;
      }
      said |= field.bit;
      const each = value(field, to);
      if (failed) return made;
      if (!field.repeated) made[field.name] = each;
      else {
        const list = made[field.name];
        if (list !== shape.blank[field.name] && Array.isArray(list)) list.push(each);
        else made[field.name] = [each];
      }
      if (field.oneof !== undefined) made[field.oneof] = field.name;
    }
    return made;
  }

  return (given) => {
    bytes = given;
    at = 0;
    failed = false;
    const read = message(top, given.length);
    bytes = nothing;
    return failed ? undefined : read;
  };
}

// The loader tells which oneof it is: it says so beside the member.
function oneofOf(
  deserialize: (bytes: Buffer) => object,
  tag: number,
  name: string,
  blank: Readonly<Record<string, unknown>>,
): string {
  const said = recordOf(
    deserialize(Buffer.from([(tag & 0x7f) | (tag < 0x80 ? 0 : 0x80), ...(tag < 0x80 ? [] : [tag >> 7]), 0])),
  );
  const oneof = Object.keys(said).find((each) => each !== name && !(each in blank) && said[each] === name);
  if (oneof === undefined) throw new Error(`${name} is in no oneof`);
  return oneof;
}

function recordOf(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value));
}

function isDescribed(each: unknown): each is Described {
  return (
    typeof each === 'object' && each !== null && 'type' in each && typeof each.type === 'object' && each.type !== null
  );
}

function listOf<T>(described: object, key: string): readonly T[] {
  const list: unknown = Object.entries(described).find(([name]) => name === key)?.[1];
  return Array.isArray(list) ? list : [];
}
