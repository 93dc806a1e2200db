// boundary.proto, loaded: the service that dmz-proxy serves and the client that inner-gateway dials with.
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { countPieces, nestingOf } from './count-pieces.ts';
import { type Decode, decoderOf } from './decode.ts';
import { encoderOf } from './encode.ts';
import type { ProtoGrpcType } from './generated/boundary.ts';

// The same options that the types are generated with (npm run generate).
const definition = loadSync(new URL('boundary.proto', import.meta.url).pathname, {
  longs: Number,
  enums: String,
  bytes: Buffer,
  defaults: true,
  oneofs: true,
});

/** Frames larger than this are refused by both ends; 32 of the largest packets stay below it. */
export const largestFrame = 8 * 1024 * 1024;

// More messages in one another than any honest frame has: 32 packets with all their parts, 512 answers of each kind.
const piecesAtMost = 20_000;
// What is smaller cannot hold so many.
const countedFrom = 32_768;

const packageName = 'sallyport.boundary.v1';
const nesting = nestingOf(definition, packageName);

// INVARIANT: what comes over the wall costs memory in proportion to its bytes, whoever sends it (I10). What a
// deserializer throws ends the call.
function guarded(read: (bytes: Buffer) => object, type: string, plain?: Decode): (bytes: Buffer) => object {
  return (bytes) => {
    if (bytes.length > countedFrom && countPieces(bytes, type, nesting, piecesAtMost) > piecesAtMost)
      throw new Error('a frame of too many pieces');
    return plain?.(bytes) ?? read(bytes);
  };
}

for (const [name, method] of Object.entries(definition[`${packageName}.Boundary`] ?? {})) {
  if (typeof method !== 'object' || !('requestDeserialize' in method)) continue;
  // The traffic; what else is said is said seldom.
  const isTraffic = name === 'Exchange';
  const fromInside = isTraffic ? decoderOf(definition, packageName, 'FromInside') : undefined;
  const fromOutside = isTraffic ? decoderOf(definition, packageName, 'FromOutside') : undefined;
  method.requestDeserialize = guarded(method.requestDeserialize, typeNameOf(method.requestType), fromInside);
  method.responseDeserialize = guarded(method.responseDeserialize, typeNameOf(method.responseType), fromOutside);
  if (!isTraffic) continue;
  method.requestSerialize = encoderOf(definition, packageName, 'FromInside');
  method.responseSerialize = encoderOf(definition, packageName, 'FromOutside');
}

function typeNameOf({ type }: { readonly type: object }): string {
  return 'name' in type && typeof type.name === 'string' ? `${packageName}.${type.name}` : packageName;
}

// The loader's own type knows nothing of the file; the generated one does, and a test holds the two together.
const loaded = loadPackageDefinition(definition) as unknown as ProtoGrpcType;

export const Boundary = loaded.sallyport.boundary.v1.Boundary;
