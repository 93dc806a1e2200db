// Labels of domain names in ASCII and back (RFC 3492 with the parameters of IDNA).

const base = 36;
const smallest = 1;
const largest = 26;
const firstBias = 72;
const firstCodePoint = 0x80;
const lastCodePoint = 0x10_ffff;

/** A text in Punycode, without `xn--`. The time grows with the square of its length: for labels alone. */
export function toPunycode(text: string): string {
  const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  let out = codePoints
    .filter((at) => at < firstCodePoint)
    .map((at) => String.fromCharCode(at))
    .join('');
  const asciiLength = out.length;
  if (asciiLength > 0) out += '-';
  let handled = asciiLength;
  let delta = 0;
  let bias = firstBias;
  let current = firstCodePoint;
  while (handled < codePoints.length) {
    const next = Math.min(...codePoints.filter((at) => at >= current));
    delta += (next - current) * (handled + 1);
    current = next;
    for (const at of codePoints) {
      if (at < current) delta += 1;
      if (at !== current) continue;
      out += printNumber(delta, bias);
      bias = adapt(delta, handled + 1, handled === asciiLength);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    current += 1;
  }
  return out;
}

/** The text of Punycode in lower case, without `xn--`; undefined where it is none. Not every text has one form only. */
export function fromPunycode(text: string): string | undefined {
  if (!/^[a-z0-9-]{1,63}$/.test(text)) return undefined;
  const dash = text.lastIndexOf('-');
  const out = Array.from(text.slice(0, Math.max(dash, 0)), (character) => character.charCodeAt(0));
  let current = firstCodePoint;
  let place = 0;
  let bias = firstBias;
  for (let i = dash > 0 ? dash + 1 : 0; i < text.length; ) {
    const before = place;
    let weight = 1;
    for (let k = base; ; k += base) {
      const value = digitValue(text.charCodeAt(i++));
      if (value === undefined) return undefined;
      place += value * weight;
      if (place > Number.MAX_SAFE_INTEGER / base) return undefined;
      const t = threshold(k, bias);
      if (value < t) break;
      weight *= base - t;
      if (weight > Number.MAX_SAFE_INTEGER / base) return undefined;
    }
    bias = adapt(place - before, out.length + 1, before === 0);
    current += Math.floor(place / (out.length + 1));
    place %= out.length + 1;
    if (current > lastCodePoint || (current >= 0xd800 && current <= 0xdfff)) return undefined;
    out.splice(place, 0, current);
    place += 1;
  }
  return String.fromCodePoint(...out);
}

function printNumber(value: number, bias: number): string {
  let out = '';
  let rest = value;
  for (let k = base; ; k += base) {
    const t = threshold(k, bias);
    if (rest < t) return out + digit(rest);
    out += digit(t + ((rest - t) % (base - t)));
    rest = Math.floor((rest - t) / (base - t));
  }
}

function threshold(k: number, bias: number): number {
  return Math.min(Math.max(k - bias, smallest), largest);
}

function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  while (rest > ((base - smallest) * largest) / 2) {
    rest = Math.floor(rest / (base - smallest));
    k += base;
  }
  return k + Math.floor(((base - smallest + 1) * rest) / (rest + 38));
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 0x61 : value - 26 + 0x30);
}

function digitValue(code: number): number | undefined {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  return code >= 0x30 && code <= 0x39 ? code - 0x30 + 26 : undefined;
}
