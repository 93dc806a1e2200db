// Writes the messages of boundary.proto from plain objects, straight into bytes: the loader's own way makes a checked
// copy of each object and a list of operations first, and frames are written for every message of every user.
//
// A frame is written from its end to its beginning (protobuf encoding: fields may stand in any order), so that the length
// of a nested message is known when it is put in front of it.

/** Makes bytes of a message. Throws where a value is not of its field's type: a fault of ours. */
export type Encode = (message: object) => Buffer;

type Kind = 'text' | 'bytes' | 'truth' | 'signed32' | 'unsigned32' | 'number' | 'word' | 'message';
type Field = {
  readonly tag: number;
  readonly kind: Kind;
  readonly repeated: boolean;
  /** Of an enum: its words. */
  readonly words: ReadonlyMap<string, number>;
  readonly nested: Fields;
};
type Fields = ReadonlyMap<string, Field>;

/** A descriptor as the loader gives it (google.protobuf.FieldDescriptorProto, EnumValueDescriptorProto). */
type FieldDescribed = {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
};
type Described = { readonly type: object };

const kinds: Readonly<Record<string, Kind>> = {
  TYPE_STRING: 'text',
  TYPE_BYTES: 'bytes',
  TYPE_BOOL: 'truth',
  TYPE_INT32: 'signed32',
  TYPE_INT64: 'number',
  TYPE_UINT32: 'unsigned32',
  TYPE_UINT64: 'number',
  TYPE_ENUM: 'word',
  TYPE_MESSAGE: 'message',
};
const lengthDelimited: readonly Kind[] = ['text', 'bytes', 'message'];

const slabBytes = 65_536;
// Texts up to here are copied character by character: a call into the runtime costs more.
const shortText = 64;
const noWords: ReadonlyMap<string, number> = new Map();
const noFields: Fields = new Map();

/** The writer of one message type, by its name in the package. */
export function encoderOf(definition: Readonly<Record<string, unknown>>, packageName: string, type: string): Encode {
  const known = new Map<string, Map<string, Field>>();
  const fields = fieldsOf(type);
  // Frames lie in it one before the other; it is left to whoever holds them when it is full.
  let slab = Buffer.alloc(0);
  let end = 0;
  let at = 0;

  function fieldsOf(name: string): Fields {
    const before = known.get(name);
    if (before !== undefined) return before;
    const made = new Map<string, Field>();
    known.set(name, made);
    for (const each of listOf<FieldDescribed>(described(name), 'field')) {
      const kind = kinds[each.type];
      if (kind === undefined) throw new Error(`${name}.${each.name}: ${each.type} is not written here`);
      made.set(each.name, {
        tag: each.number * 8 + (lengthDelimited.includes(kind) ? 2 : 0),
        kind,
        repeated: each.label === 'LABEL_REPEATED',
        words: kind === 'word' ? wordsOf(each.typeName) : noWords,
        nested: kind === 'message' ? fieldsOf(each.typeName) : noFields,
      });
    }
    return made;
  }

  function wordsOf(name: string): ReadonlyMap<string, number> {
    const values = listOf<{ readonly name: string; readonly number: number }>(described(name), 'value');
    return new Map(values.map((each) => [each.name, each.number]));
  }

  function described(name: string): object {
    const each = definition[name.includes('.') ? name : `${packageName}.${name}`];
    if (!isDescribed(each)) throw new Error(`${name} is not described`);
    return each.type;
  }

  // Room for so many bytes in front of what is written; what is written of this frame moves along.
  function need(bytes: number): void {
    if (at >= bytes) return;
    const written = end - at;
    const larger = Buffer.allocUnsafeSlow(Math.max(slabBytes, 2 * (written + bytes)));
    slab.copy(larger, larger.length - written, at, end);
    slab = larger;
    end = larger.length;
    at = end - written;
  }

  function putVarint(value: number): void {
    need(10);
    if (value >= 0 && value < 0x80) slab[--at] = value;
    else if (value >= 0) {
      let size = 1;
      for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
      at -= size;
      let rest = value;
      for (let i = at; i < at + size - 1; i++) {
        slab[i] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
      slab[at + size - 1] = rest;
    } else {
      // Negative numbers take all ten bytes of their 64 bits.
      let rest = BigInt.asUintN(64, BigInt(value));
      at -= 10;
      for (let i = at; i < at + 9; i++) {
        slab[i] = Number(rest & 0x7fn) | 0x80;
        rest >>= 7n;
      }
      slab[at + 9] = Number(rest);
    }
  }

  function putText(text: string): void {
    const { length } = text;
    need(length);
    if (length <= shortText) {
      const into = slab;
      const from = at - length;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        into[from + i] = code;
      }
      if (i === length) {
        at = from;
        return;
      }
    }
    const bytes = Buffer.byteLength(text);
    need(bytes);
    at -= bytes;
    slab.write(text, at, 'utf8');
  }

  function put(value: unknown, { tag, kind, words, nested }: Field): void {
    const before = end - at;
    if (kind === 'text' && typeof value === 'string') putText(value);
    else if (typeof value === 'number' && Number.isSafeInteger(value)) putVarint(fitted(value, kind) ?? fault(tag));
    else if (kind === 'truth' && typeof value === 'boolean') putVarint(value ? 1 : 0);
    else if (kind === 'word' && typeof value === 'string') putVarint(words.get(value) ?? fault(tag));
    else if (kind === 'message' && isRecord(value)) putMessage(value, nested);
    else if (kind === 'bytes' && value instanceof Uint8Array) {
      need(value.length);
      at -= value.length;
      slab.set(value, at);
    } else fault(tag);
    if (tag % 8 === 2) putVarint(end - at - before);
    putVarint(tag);
  }

  function putMessage(message: Readonly<Record<string, unknown>>, fields: Fields): void {
    for (const name in message) {
      const value = message[name];
      const field = fields.get(name);
      // Absent and empty are one (proto3), but for a message: that there is one says something.
      if (field === undefined || value === undefined || value === null) continue;
      if (field.repeated) {
        if (!Array.isArray(value)) fault(field.tag);
        for (let i = value.length - 1; i >= 0; i--) put(value[i], field);
      } else if (value !== '' && value !== 0 && value !== false) put(value, field);
    }
  }

  return (message) => {
    end = at;
    if (!isRecord(message)) throw new TypeError('a frame is an object');
    putMessage(message, fields);
    return slab.subarray(at, end);
  };
}

// Of a number that is too large for its field the lower bits are written, as protobuf has it.
function fitted(value: number, kind: Kind): number | undefined {
  switch (kind) {
    case 'number':
      return value;
    case 'unsigned32':
      return value >>> 0;
    case 'signed32':
    case 'word':
      return value | 0;
    case 'text':
    case 'bytes':
    case 'truth':
    case 'message':
      return undefined;
    default:
      return kind satisfies never;
  }
}

function fault(tag: number): never {
  throw new TypeError(`a value that field ${Math.floor(tag / 8)} of a frame cannot hold`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isDescribed(each: unknown): each is Described {
  return isRecord(each) && isRecord(each.type);
}

function listOf<T>(described: object, key: string): readonly T[] {
  const list: unknown = Object.entries(described).find(([name]) => name === key)?.[1];
  return Array.isArray(list) ? list : [];
}
