// All that is fuzzed: every reader of bytes that come from somebody else, by its name.
import type { Target } from './target.ts';
import { addresses } from './targets/addresses.ts';
import { certificates } from './targets/certificates.ts';
import { policyFiles, settingsFiles } from './targets/files.ts';
import { frames } from './targets/frames.ts';
import { revisions } from './targets/revisions.ts';
import { sipReader } from './targets/sip.ts';
import { grammar, xmlReader } from './targets/xmpp.ts';

export const targets: readonly Target[] = [
  xmlReader,
  grammar,
  addresses,
  certificates,
  sipReader,
  frames,
  policyFiles,
  settingsFiles,
  revisions,
];
