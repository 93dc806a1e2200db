// Reads From, To, Contact and P-Asserted-Identity values: display name, URI, parameters (RFC 3261 §20.10, §25.1).
import { isSpace, lower } from './header-lines.ts';

/** `uri` and `parameters` are verbatim; `parameters` starts with `;` or is empty. */
export type NameAddress = { readonly display: string; readonly uri: string; readonly parameters: string };

// Where the parts of the address that was scanned last begin and end.
let quoteEnds = 0;
let opens = 0;
let uriFrom = 0;
let uriTo = 0;
let parametersFrom = 0;

/** One name-addr or addr-spec; undefined for what is neither. */
export function readNameAddress(value: string): NameAddress | undefined {
  if (!scan(value)) return undefined;
  const display =
    quoteEnds > 0 ? value.slice(1, quoteEnds).replace(/\\(.)/g, '$1') : value.slice(0, Math.max(0, opens)).trim();
  const parameters = opens < 0 ? value.slice(parametersFrom) : value.slice(parametersFrom).trim();
  return { display, uri: value.slice(uriFrom, uriTo), parameters };
}

/** The tag of From or To; empty where it has none, undefined where the value is no address. */
export function tagOf(value: string): string | undefined {
  return scan(value) ? (parameterFrom(value, parametersFrom, 'tag') ?? '') : undefined;
}

/** The value of a parameter in `;a=b;c="d"`; empty where it has none, undefined where it does not stand there. */
export function parameter(parameters: string, name: string): string | undefined {
  return parameterFrom(parameters, 0, name);
}

function parameterFrom(text: string, from: number, name: string): string | undefined {
  if (text.indexOf('"', from) >= 0) {
    for (const each of splitQuoted(text.slice(from))) {
      const value = valueIn(each, 0, each.length, name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
  for (let at = from; at < text.length; ) {
    const semicolon = text.indexOf(';', at);
    const end = semicolon < 0 ? text.length : semicolon;
    const value = valueIn(text, at, end, name);
    if (value !== undefined) return value;
    at = end + 1;
  }
  return undefined;
}

function valueIn(text: string, from: number, to: number, name: string): string | undefined {
  let at = afterSpace(text, from, to);
  for (let i = 0; i < name.length; i++, at++) {
    if (at >= to || lower(text.charCodeAt(at)) !== name.charCodeAt(i)) return undefined;
  }
  at = afterSpace(text, at, to);
  if (at === to) return '';
  if (text.charCodeAt(at) !== 61) return undefined;
  const value = text.slice(at + 1, to).trim();
  return value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
}

// Finds the parts, without cutting any of them out: of most addresses nothing but the tag is asked for.
function scan(value: string): boolean {
  quoteEnds = value.charCodeAt(0) === 34 ? quoteEnd(value) : 0;
  if (quoteEnds < 0) return false;
  const at = quoteEnds > 0 ? quoteEnds + 1 : 0;
  opens = value.indexOf('<', at);
  if (opens < 0) {
    if (at > 0) return false;
    const semicolon = value.indexOf(';');
    parametersFrom = semicolon < 0 ? value.length : semicolon;
    uriFrom = 0;
    uriTo = parametersFrom;
  } else {
    uriFrom = opens + 1;
    uriTo = value.indexOf('>', opens);
    if (uriTo < 0 || !mayStandBefore(value, at, opens)) return false;
    parametersFrom = afterSpace(value, uriTo + 1, value.length);
    if (parametersFrom < value.length && value.charCodeAt(parametersFrom) !== 59) return false;
  }
  uriFrom = afterSpace(value, uriFrom, uriTo);
  while (uriTo > uriFrom && isSpace(value.charCodeAt(uriTo - 1))) uriTo--;
  return isUri(value, uriFrom, uriTo);
}

// Before `<`: nothing behind a quoted name, and in a name that is not quoted no <>"@;:, .
function mayStandBefore(value: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = value.charCodeAt(at);
    if (isSpace(code)) continue;
    if (from > 0 || code === 60 || code === 62 || code === 34 || code === 64) return false;
    if (code === 59 || code === 58 || code === 44) return false;
  }
  return true;
}

// Not empty, no white space and none of <>", and with a colon.
function isUri(value: string, from: number, to: number): boolean {
  let hasColon = false;
  for (let at = from; at < to; at++) {
    const code = value.charCodeAt(at);
    if (code === 58) hasColon = true;
    else if (code === 60 || code === 62 || code === 34 || isSpace(code)) return false;
  }
  return hasColon;
}

function afterSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(text.charCodeAt(at))) at++;
  return at;
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
