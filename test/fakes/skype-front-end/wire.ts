// The fake's own reader of SIP on a stream (RFC 3261 §7, §18.3). It shares nothing with the gateway's, on purpose.

export type SipMessage = {
  /** Empty for a response. */
  readonly method: string;
  readonly uri: string;
  /** 0 for a request. */
  readonly status: number;
  readonly reason: string;
  /** By lower-case long name; several lines of one name are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Names that came on more than one line. */
  readonly repeated: readonly string[];
  readonly body: Buffer;
  /** All of it, for the log. */
  readonly text: string;
};

const compactNames: Readonly<Record<string, string>> = {
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  s: 'subject',
  t: 'to',
  v: 'via',
};
const largestHead = 65_536;
const headEnd = Buffer.from('\r\n\r\n');

/** Returns a function to feed with what the socket gives. After `broken` nothing more is read. */
export function newReader(on: {
  readonly message: (message: SipMessage) => void;
  /** A double CRLF between messages. */
  readonly ping: () => void;
  readonly broken: (why: string) => void;
}): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let isBroken = false;
  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (!isBroken && bytes.length > 0) {
      if (bytes[0] === 0x0d || bytes[0] === 0x0a) {
        if (bytes.length < 4 && bytes.length % 2 === 0) break;
        if (bytes.subarray(0, 4).equals(headEnd)) on.ping();
        bytes = bytes.subarray(bytes.subarray(0, 4).equals(headEnd) ? 4 : bytes[0] === 0x0d ? 2 : 1);
        continue;
      }
      const read = readMessage(bytes);
      if (read === 'more') break;
      if (typeof read === 'string') {
        isBroken = true;
        on.broken(read);
        break;
      }
      bytes = bytes.subarray(read.length);
      on.message(read.message);
    }
    rest = bytes;
  };
}

function readMessage(bytes: Buffer): { message: SipMessage; length: number } | string {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return bytes.length > largestHead ? 'a head without end' : 'more';
  const head = bytes.toString('utf8', 0, end);
  const lines = head.split('\r\n');
  const headers = new Map<string, string>();
  const repeated: string[] = [];
  for (let at = 1; at < lines.length; at += 1) {
    let line = lines[at] ?? '';
    while (/^[ \t]/.test(lines[at + 1] ?? '')) {
      at += 1;
      line += ` ${(lines[at] ?? '').trim()}`;
    }
    const colon = line.indexOf(':');
    if (colon < 1) return `a header line without a name: ${JSON.stringify(line.slice(0, 80))}`;
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = written.length === 1 ? (compactNames[written] ?? written) : written;
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    if (before !== undefined) repeated.push(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const size = headers.get('content-length');
  if (size === undefined || !/^\d{1,7}$/.test(size)) return `no readable Content-Length: ${JSON.stringify(size)}`;
  const length = end + 4 + Number(size);
  if (bytes.length < length) return 'more';
  const body = bytes.subarray(end + 4, length);
  const start = readStartLine(lines[0] ?? '');
  if (start === undefined)
    return `no start line (is a Content-Length wrong?): ${JSON.stringify(lines[0]?.slice(0, 80))}`;
  return { message: { ...start, headers, repeated, body, text: `${head}\r\n\r\n${body.toString('utf8')}` }, length };
}

function readStartLine(line: string): Pick<SipMessage, 'method' | 'uri' | 'status' | 'reason'> | undefined {
  if (line.startsWith('SIP/2.0 ')) {
    const status = Number(line.slice(8, 11));
    return status >= 100 && status < 700 ? { method: '', uri: '', status, reason: line.slice(12) } : undefined;
  }
  const found = /^([A-Z]{2,16}) (\S+) SIP\/2\.0$/.exec(line);
  return found === null ? undefined : { method: found[1] ?? '', uri: found[2] ?? '', status: 0, reason: '' };
}

export function header(message: SipMessage, name: string): string {
  return message.headers.get(name) ?? '';
}

/** The tag of a From or To value, or ''. */
export function tagOf(value: string): string {
  return /;\s*tag\s*=\s*([^;,\s]+)/i.exec(value.slice(value.lastIndexOf('>') + 1))?.[1] ?? '';
}

/** The URI of a name-addr or addr-spec. */
export function uriOf(value: string): string {
  const open = value.lastIndexOf('<');
  if (open < 0) return value.split(';', 1)[0]?.trim() ?? '';
  return value.slice(open + 1, value.indexOf('>', open));
}

/** `user@host` of a SIP URI, in lower case and otherwise as it stands on the wire; '' where it has no user. */
export function addressOf(uri: string): string {
  return /^sips?:([^@:]+)(?::[^@]*)?@([^:;?]+)/i.exec(uri)?.slice(1, 3).join('@').toLowerCase() ?? '';
}

export function hostOf(uri: string): string {
  return /^sips?:(?:[^@]*@)?([^:;?]+)/i.exec(uri)?.[1]?.toLowerCase() ?? '';
}

/** The entries of a list header, divided at commas outside of quotes and angle brackets. */
export function entriesOf(value: string): readonly string[] {
  const found = value.match(/(?:[^,"<]|"(?:[^"\\]|\\.)*"|<[^>]*>)+/g) ?? [];
  return found.map((entry) => entry.trim());
}

export function branchOf(via: string): string {
  return /;\s*branch\s*=\s*([^;,\s]+)/i.exec(via)?.[1] ?? '';
}

/** Number and method of a CSeq. */
export function cseqOf(message: SipMessage): { readonly number: number; readonly method: string } {
  const [number, method] = header(message, 'cseq').split(/\s+/);
  return { number: Number(number), method: method ?? '' };
}
