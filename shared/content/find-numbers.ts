// Finds what a validator might prove in a text: candidates by shape, each then asked of the validator.
import type { Cased } from './cased.ts';
import type { Folded } from './fold.ts';
import { isValid, type ValidatorName } from './validators.ts';

export type FoundNumber = { readonly validator: ValidatorName; readonly start: number; readonly end: number };

/**
 * Tells of every place that one of the validators proves. Without a digit only keys are looked for. `longestRun`: no more
 * letters, digits and signs of base64 (but =) stand in a row.
 */
export function findNumbers(
  validators: readonly ValidatorName[],
  { digits, longestRun = Number.POSITIVE_INFINITY }: Pick<Folded, 'digits'> & { readonly longestRun?: number },
  cased: Cased,
  found: (number: FoundNumber) => void,
): void {
  for (const validator of validators) {
    const { shape, digitsAtLeast, mustHave, runAtLeast = 0 } = shapes[validator];
    if (digits < digitsAtLeast) continue;
    if (longestRun < runAtLeast && !cased.text.includes('=')) continue;
    if (mustHave !== undefined && !cased.text.includes(mustHave)) continue;
    for (const candidate of cased.text.matchAll(shape)) {
      const written = longestValid(validator, candidate[0]);
      if (written === undefined) continue;
      found({ validator, start: cased.from(candidate.index), end: cased.to(candidate.index + written.length - 1) });
    }
  }
}

/** Of these one stands in the skeleton of each text without a digit that has a number: of keys. */
export const keyHints: readonly string[] = ['eyj', 'begin'];

/**
 * So many digits the shortest number of these validators has; 0 digits are those of keys, which have hints. Without
 * `withRuns` those are left out that need a long run of letters and digits.
 */
export function fewestDigits(validators: readonly ValidatorName[], withRuns: boolean): number {
  return validators.reduce((fewest, name) => {
    const { digitsAtLeast, runAtLeast } = shapes[name];
    return runAtLeast !== undefined && !withRuns ? fewest : Math.min(fewest, digitsAtLeast || fewest);
  }, fewestOfNone);
}

/** So many letters, digits and signs of base64 in a row are a long run. */
export const longRun = 20;

const fewestOfNone = Number.MAX_SAFE_INTEGER;

// A number may be followed by another one: the candidate loses groups from its end until it is valid.
function longestValid(validator: ValidatorName, candidate: string): string | undefined {
  if (isValid(validator, candidate)) return candidate;
  if (validator !== 'payment-card' && validator !== 'iban') return undefined;
  for (let rest = candidate, tries = 0; tries < 8; tries++) {
    const cut = rest.search(/[ .-][^ .-]*$/);
    if (cut < 0) return undefined;
    rest = rest.slice(0, cut);
    if (isValid(validator, rest)) return rest;
  }
  return undefined;
}

type Shape = {
  readonly shape: RegExp;
  readonly digitsAtLeast: number;
  readonly mustHave?: string;
  readonly runAtLeast?: number;
};

// Each is matched in linear time: no part may be read in two ways, and every repetition is bounded.
const shapes: Readonly<Record<ValidatorName, Shape>> = {
  'payment-card': { shape: /(?<![0-9])(?<![0-9][.-])[0-9](?:[ .-]?[0-9]){11,18}(?![0-9])/g, digitsAtLeast: 12 },
  iban: { shape: /(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])/g, digitsAtLeast: 8 },
  'nhs-number': { shape: /(?<![0-9])[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9])/g, digitsAtLeast: 10 },
  'uk-nino': {
    shape: /(?<![A-Za-z0-9])[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d](?![A-Za-z0-9])/g,
    digitsAtLeast: 6,
  },
  'us-ssn': { shape: /(?<![0-9-])[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}(?![0-9-])/g, digitsAtLeast: 9 },
  phone: { shape: /\+[1-9](?:[ .()/-]{0,2}[0-9]){7,14}(?![0-9])/g, digitsAtLeast: 8, mustHave: '+' },
  'ip-address': {
    shape:
      /(?<![0-9A-Za-z.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![0-9A-Za-z:])/g,
    digitsAtLeast: 1,
  },
  jwt: {
    shape: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,4000}\.eyJ[A-Za-z0-9_-]{5,8000}\.[A-Za-z0-9_-]{0,2000}/g,
    digitsAtLeast: 0,
    mustHave: 'eyJ',
  },
  'private-key': { shape: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g, digitsAtLeast: 0, mustHave: '-----BEGIN ' },
  'secret-token': {
    shape: /(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_=-]{20,200}(?![A-Za-z0-9+/_=-])/g,
    digitsAtLeast: 1,
    runAtLeast: longRun,
  },
};
