// Numbers that prove themselves: which text is a card, an account, an identity number, a key; and which only looks so.

/** The kinds that can be asked for by name. */
export const validatorNames = [
  'payment-card',
  'iban',
  'nhs-number',
  'uk-nino',
  'us-ssn',
  'phone',
  'ip-address',
  'jwt',
  'private-key',
  'secret-token',
] as const;

export type ValidatorName = (typeof validatorNames)[number];

/** Whether the whole text is one, separators (space, hyphen, dot) or not. The text is one of `Cased`. */
export function isValid(name: ValidatorName, text: string): boolean {
  switch (name) {
    case 'payment-card':
      return isPaymentCard(digitsOf(text));
    case 'iban':
      return isIban(compactOf(text));
    case 'nhs-number':
      return isNhsNumber(digitsOf(text));
    case 'uk-nino':
      return isNino(compactOf(text));
    case 'us-ssn':
      return isSsn(digitsOf(text));
    case 'phone':
      return isPhone(text);
    case 'ip-address':
      return isIpAddress(text);
    case 'jwt':
      return isJwt(text);
    case 'private-key':
      return /^-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----$/.test(text);
    case 'secret-token':
      return isSecretToken(text);
    default:
      return name satisfies never;
  }
}

function digitsOf(text: string): string {
  return /^[0-9 .-]*$/.test(text) ? text.replaceAll(/[ .-]/g, '') : '';
}

function compactOf(text: string): string {
  return text.replaceAll(/[ .-]/g, '').toUpperCase();
}

/** ISO/IEC 7812-1 annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return digits !== '' && sum % 10 === 0;
}

// Issuers by their prefixes and lengths; a number that passes Luhn alone is one in ten of all numbers.
const issuers: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|095|[689])/, [14, 16, 19]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^(?:62|81)/, [16, 17, 18, 19]],
  [/^(?:50[0-9]|5[6-9]|6[0-9])/, [12, 13, 14, 15, 16, 17, 18, 19]],
];

function isPaymentCard(digits: string): boolean {
  if (/^(\d)\1*$/.test(digits)) return false;
  return (
    passesLuhn(digits) && issuers.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length))
  );
}

// ISO 13616: the countries of the registry and the lengths of their numbers.
const ibanLengths: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BI: 27,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FK: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MN: 20,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  RU: 33,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
};

function isIban(text: string): boolean {
  if (!/^[A-Z]{2}[0-9]{2}[A-Z0-9]+$/.test(text) || ibanLengths[text.slice(0, 2)] !== text.length) return false;
  let rest = 0;
  for (const letter of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

// NHS Data Dictionary: ten digits, the last one modulo 11; 10 is never given.
function isNhsNumber(digits: string): boolean {
  if (digits.length !== 10 || /^(\d)\1*$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += (digits.charCodeAt(i) - 48) * (10 - i);
  const check = 11 - (sum % 11);
  return check !== 10 && (check === 11 ? 0 : check) === digits.charCodeAt(9) - 48;
}

// HMRC NIM39110: no D F I Q U V in the prefix, no O in second place, some prefixes never; the suffix is A to D.
function isNino(text: string): boolean {
  return /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$/.test(text);
}

// SSA: no area 000, 666 or 900 to 999, no group 00, no serial 0000; two numbers that advertisements made known.
function isSsn(digits: string): boolean {
  if (!/^(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}$/.test(digits)) return false;
  return digits !== '078051120' && digits !== '219099999' && !/^(\d)\1*$/.test(digits) && digits !== '123456789';
}

// ITU-T E.164: a plus sign and 8 to 15 digits.
function isPhone(text: string): boolean {
  return /^\+[1-9]/.test(text) && /^\+(?:[ .()/-]{0,2}[0-9]){8,15}$/.test(text);
}

function isIpAddress(text: string): boolean {
  if (/^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}$/.test(text)) return true;
  if (!/^[0-9A-Fa-f:]{3,39}$/.test(text) || (!text.includes('::') && text.split(':').length !== 8)) return false;
  const groups = text.split(':');
  const isShortened = text.includes('::') && text.indexOf('::') === text.lastIndexOf('::') && !text.includes(':::');
  return (
    groups.length <= 9 &&
    groups.every((group) => group.length <= 4) &&
    (isShortened || groups.every((group) => group !== ''))
  );
}

// RFC 7519: a header in JSON with an algorithm, a body in JSON, a signature.
function isJwt(text: string): boolean {
  const [header = '', body = '', signature, ...rest] = text.split('.');
  if (signature === undefined || rest.length > 0 || !/^eyJ/.test(header) || !/^eyJ/.test(body)) return false;
  try {
    const read: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return typeof read === 'object' && read !== null && 'alg' in read;
  } catch {
    return false;
  }
}

// Made at random: many kinds of characters, no order among them (Shannon, 1948).
function isSecretToken(text: string): boolean {
  if (!/^[A-Za-z0-9+/_=-]{20,200}$/.test(text) || !/[0-9]/.test(text) || !/[a-z]/.test(text) || !/[A-Z]/.test(text))
    return false;
  return bitsPerCharacter(text) >= 4;
}

/** Shannon's entropy of the text's characters, in bits. */
export function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
