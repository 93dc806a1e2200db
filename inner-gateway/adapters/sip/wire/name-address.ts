// Reads From, To, Contact and P-Asserted-Identity values: display name, URI, parameters (RFC 3261 §20.10, §25.1).

/** `uri` and `parameters` are verbatim; `parameters` starts with `;` or is empty. */
export type NameAddress = { readonly display: string; readonly uri: string; readonly parameters: string };

/** One name-addr or addr-spec; undefined for what is neither. */
export function readNameAddress(value: string): NameAddress | undefined {
  let at = 0;
  let display = '';
  if (value.charCodeAt(0) === 34) {
    const end = quoteEnd(value);
    if (end < 0) return undefined;
    display = value.slice(1, end).replace(/\\(.)/g, '$1');
    at = end + 1;
  }
  const open = value.indexOf('<', at);
  if (open < 0) {
    if (at > 0) return undefined;
    const semicolon = value.indexOf(';');
    const uri = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
    return readable(uri) ? { display: '', uri, parameters: semicolon < 0 ? '' : value.slice(semicolon) } : undefined;
  }
  const close = value.indexOf('>', open);
  if (close < 0) return undefined;
  const before = value.slice(at, open).trim();
  if (at > 0 ? before !== '' : /[<>"@;:,]/.test(before)) return undefined;
  const uri = value.slice(open + 1, close).trim();
  const parameters = value.slice(close + 1).trim();
  if (!readable(uri) || (parameters !== '' && parameters.charCodeAt(0) !== 59)) return undefined;
  return { display: display === '' ? before : display, uri, parameters };
}

/** The value of a parameter in `;a=b;c="d"`; empty where it has none, undefined where it does not stand there. */
export function parameter(parameters: string, name: string): string | undefined {
  if (parameters === '') return undefined;
  for (const each of parameters.includes('"') ? splitQuoted(parameters) : parameters.split(';')) {
    const equals = each.indexOf('=');
    const key = (equals < 0 ? each : each.slice(0, equals)).trim();
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    if (equals < 0) return '';
    const value = each.slice(equals + 1).trim();
    return value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
  }
  return undefined;
}

/** The scheme of a URI in lower case. */
export function uriScheme(uri: string): string {
  return uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase();
}

/** The host of a SIP URI in lower case, without port, parameters and headers. */
export function uriHost(uri: string): string {
  const rest = uri.slice(uri.indexOf(':') + 1);
  const at = rest.indexOf('@');
  return (/^[^:;?>]*/.exec(at < 0 ? rest : rest.slice(at + 1))?.[0] ?? '').toLowerCase();
}

function readable(uri: string): boolean {
  return uri !== '' && !/[\s<>"]/.test(uri) && uri.includes(':');
}

function quoteEnd(value: string): number {
  for (let i = 1; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c === 92) i++;
    else if (c === 34) return i;
  }
  return -1;
}

function splitQuoted(parameters: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < parameters.length; i++) {
    const c = parameters[i];
    if (c === '\\' && quoted) i++;
    else if (c === '"') quoted = !quoted;
    else if (c === ';' && !quoted) {
      parts.push(parameters.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(parameters.slice(start));
  return parts;
}
