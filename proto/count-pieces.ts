// Counts the messages inside the bytes of a frame before anything is made of them: an empty message takes two bytes on
// the wire and a hundred in memory, so that a frame within its size could still fill the memory with millions.

/** For each type by its full name: which fields hold messages, and of what type. */
export type Nesting = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** A field of a descriptor, as the loader gives it (google.protobuf.FieldDescriptorProto). */
type FieldOfType = { readonly number: number; readonly type: unknown; readonly typeName: string };
type Described = { readonly format: string; readonly type: unknown };

/** What nests in what, from the descriptors of a package. */
export function nestingOf(definition: Readonly<Record<string, unknown>>, packageName: string): Nesting {
  const nesting = new Map<string, ReadonlyMap<number, string>>();
  for (const [name, each] of Object.entries(definition)) {
    if (!isDescribed(each)) continue;
    const fields = new Map<number, string>();
    for (const { number, type, typeName } of fieldsOf(each.type))
      if (type === 'TYPE_MESSAGE') fields.set(number, typeName.includes('.') ? typeName : `${packageName}.${typeName}`);
    nesting.set(name, fields);
  }
  return nesting;
}

/**
 * The messages in `bytes`, a message of the type `name`, itself included; stops counting above `enough`. Bytes that are
 * no message are not told of: the decoder refuses them.
 */
export function countPieces(bytes: Uint8Array, name: string, nesting: Nesting, enough: number): number {
  let pieces = 0;

  function count(from: number, to: number, type: string): void {
    pieces += 1;
    const nested = nesting.get(type);
    let at = from;
    while (at < to && pieces <= enough) {
      const tag = varint(bytes, at);
      at = tag.next;
      switch (tag.value % 8) {
        case 0:
          at = varint(bytes, at).next;
          break;
        case 1:
          at += 8;
          break;
        case 2: {
          const length = varint(bytes, at);
          at = length.next;
          const inner = nested?.get(Math.floor(tag.value / 8));
          if (inner !== undefined) count(at, Math.min(to, at + length.value), inner);
          else pieces += repeatedCost;
          at += length.value;
          break;
        }
        case 5:
          at += 4;
          break;
        default:
          return;
      }
    }
  }

  count(0, bytes.length, name);
  return Math.ceil(pieces);
}

// A text costs less than a message, but empty ones by the million cost as well.
const repeatedCost = 0.25;

// At most ten bytes (protobuf); above 2^53 the number is not exact, and larger than any frame.
function varint(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  for (let at = from; at < from + 10; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, next: at + 1 };
    factor *= 128;
  }
  return { value, next: from + 10 };
}

function isDescribed(each: unknown): each is Described {
  return typeof each === 'object' && each !== null && 'format' in each && 'type' in each;
}

function fieldsOf(type: unknown): readonly FieldOfType[] {
  if (typeof type !== 'object' || type === null || !('field' in type) || !Array.isArray(type.field)) return [];
  return type.field.filter(
    (each): each is FieldOfType => typeof each?.number === 'number' && typeof each.typeName === 'string',
  );
}
