// DNS messages as bytes (RFC 1035 §4, RFC 2782, RFC 3596): one question in, one answer out.
import { isIPv4 } from 'node:net';

export type Srv = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** A host; `.` says that there is no such service. */
  readonly target: string;
};

/** Records (addresses for A and AAAA; none is NODATA), a trouble, or no answer at all. */
export type Said =
  | readonly (string | Srv)[]
  | { readonly ttl: number; readonly records: readonly (string | Srv)[] }
  | 'SERVFAIL'
  | 'NXDOMAIN'
  | 'REFUSED'
  | 'silence';

export type Question = { readonly name: string; readonly type: string; readonly end: number };

const typeNames = new Map([
  [1, 'A'],
  [6, 'SOA'],
  [28, 'AAAA'],
  [33, 'SRV'],
]);
const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

/** The one question of a query; undefined for anything else. */
export function readQuestion(query: Buffer): Question | undefined {
  const isQuery = query.length >= 17 && (query.readUInt8(2) & 0x80) === 0 && query.readUInt16BE(4) === 1;
  if (!isQuery) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63 || at + length + 5 > query.length) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  const type = query.readUInt16BE(at);
  return { name: labels.join('.').toLowerCase(), type: typeNames.get(type) ?? `${type}`, end: at + 4 };
}

/** The answer that says this to the question of the query. */
export function writeAnswer(query: Buffer, question: Question, said: Exclude<Said, 'silence'>): Buffer {
  const { records, ttl, code } =
    typeof said === 'string'
      ? { records: [], ttl: 0, code: codes[said] }
      : { ...('records' in said ? said : { records: said, ttl: 60 }), code: codes.NOERROR };
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // Response, authoritative; what was asked for (recursion) is repeated and said to be available.
  header.writeUInt8(0x84 | (query.readUInt8(2) & 0x01), 2);
  header.writeUInt8(0x80 | code, 3);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(12, question.end), ...records.map((each) => record(each, ttl))]);
}

function record(said: string | Srv, ttl: number): Buffer {
  const data = typeof said === 'string' ? encodeAddress(said) : encodeSrv(said);
  const type = typeof said !== 'string' ? 33 : isIPv4(said) ? 1 : 28;
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encodeSrv({ priority, weight, port, target }: Srv): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(priority, 0);
  numbers.writeUInt16BE(weight, 2);
  numbers.writeUInt16BE(port, 4);
  return Buffer.concat([numbers, encodeName(target)]);
}

function encodeAddress(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const between = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return Buffer.from([...first, ...between, ...last].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
