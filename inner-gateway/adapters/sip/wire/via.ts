// The topmost Via of a message: who sent it, and the branch of its transaction (RFC 3261 §8.1.1.7, §20.42).
import { isSpace } from './header-lines.ts';

export type Via = { readonly sentBy: string; readonly branch: string };

const usualStart = 'SIP/2.0/TLS ';
const usualBranch = 'branch=';
const longestBranch = 256;
const anyStart = /SIP\s*\/\s*2\.0\s*\/\s*[A-Za-z]{2,8}\s+/y;
const anyBranch = /\s*branch\s*=\s*/iy;

/** Reads the first member of a Via; the branch is empty where it has none. Undefined for what is no Via. */
export function readVia(via: string): Via | undefined {
  const start = via.startsWith(usualStart) ? endOfSpace(via, usualStart.length) : endOf(anyStart, via, 0);
  const end = endOfToken(via, start, false);
  if (start < 0 || end === start) return undefined;
  const branch = branchOf(via);
  return { sentBy: via.slice(start, end), branch: branch.length > longestBranch ? '' : branch };
}

// Of the first parameter of that name that has a value.
function branchOf(via: string): string {
  const comma = via.indexOf(',');
  const end = comma < 0 ? via.length : comma;
  for (
    let semicolon = via.indexOf(';');
    semicolon >= 0 && semicolon < end;
    semicolon = via.indexOf(';', semicolon + 1)
  ) {
    const at = semicolon + 1;
    const start = via.startsWith(usualBranch, at)
      ? endOfSpace(via, at + usualBranch.length)
      : endOf(anyBranch, via, at);
    if (start < 0) continue;
    const value = via.slice(start, Math.min(end, endOfToken(via, start, true)));
    if (value !== '') return value;
  }
  return '';
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function endOfSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

// At white space, a semicolon or a comma.
function endOfToken(text: string, from: number, orQuote: boolean): number {
  let at = Math.max(0, from);
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 59 || code === 44 || (orQuote && code === 34) || isSpace(code)) break;
  }
  return at;
}
