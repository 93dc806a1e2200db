// A security label in the shape of boundary.proto, there and back.
import type {
  SecurityLabel as WireLabel,
  SecurityLabel__Output as WireLabelRead,
} from '@sallyport/proto/generated/sallyport/boundary/v1/SecurityLabel.ts';
import { isLevel, isLight, type Level, type Light, type Marking, type Scheme } from '../content/markings/marking.ts';
import type { SecurityLabel } from '../packet.ts';
import { bounded, identifier, words } from './fields.ts';

const schemes = words<Scheme>()({
  SCHEME_UK: 'uk',
  SCHEME_US: 'us',
  SCHEME_NATO: 'nato',
  SCHEME_EU: 'eu',
  SCHEME_TLP: 'tlp',
  SCHEME_PLAIN: 'plain',
});
const markingLevels = words<Level | Light>()({
  UNCLASSIFIED: 'unclassified',
  OFFICIAL: 'official',
  RESTRICTED: 'restricted',
  CONFIDENTIAL: 'confidential',
  SECRET: 'secret',
  TOP_SECRET: 'top-secret',
  TLP_CLEAR: 'clear',
  TLP_GREEN: 'green',
  TLP_AMBER: 'amber',
  TLP_AMBER_STRICT: 'amber+strict',
  TLP_RED: 'red',
});
const wordsAtMost = 64;
const caveat = /^[A-Z0-9][A-Z0-9 -]{0,59}$/;
const nation = /^[A-Z]{2,8}$/;

export function labelToWire({ marking, privacyMark }: SecurityLabel): WireLabel {
  const { scheme, level, caveats, releasableTo } = marking;
  return {
    marking: {
      scheme: schemes.write(scheme),
      level: markingLevels.write(level),
      caveats: [...caveats],
      ...(releasableTo === undefined ? {} : { isLimited: true, releasableTo: [...releasableTo] }),
    },
    ...(privacyMark === undefined ? {} : { privacyMark }),
  };
}

/** null: there is none. undefined: not what was promised. */
export function labelFromWire(wire: WireLabelRead | null | undefined): SecurityLabel | null | undefined {
  if (wire === null || wire === undefined) return null;
  const marking = markingFromWire(wire.marking);
  const privacyMark = identifier(wire.privacyMark, 128);
  if (marking === undefined || privacyMark === undefined) return undefined;
  return privacyMark === '' ? { marking } : { marking, privacyMark };
}

function markingFromWire(wire: WireLabelRead['marking']): Marking | undefined {
  if (wire === null || wire === undefined) return undefined;
  const scheme = schemes.read(wire.scheme);
  const level = markingLevels.read(wire.level);
  const { caveats, isLimited, releasableTo } = wire;
  if (scheme === undefined || level === undefined) return undefined;
  if (!areAll(caveats, caveat) || !areAll(releasableTo, nation)) return undefined;
  if (!isLimited && releasableTo.length > 0) return undefined;
  const rest = { caveats, ...(isLimited ? { releasableTo } : {}) };
  if (scheme === 'tlp') return isLight(level) ? { scheme, level, ...rest } : undefined;
  return isLevel(level) ? { scheme, level, ...rest } : undefined;
}

function areAll(texts: readonly string[], form: RegExp): boolean {
  return texts.length <= wordsAtMost && texts.every((text) => bounded(text, 60) !== undefined && form.test(text));
}
