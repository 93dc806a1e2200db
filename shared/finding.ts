// One thing that the partner doctor found out: in plain words, with what to do about it and who must do it.

export type Finding = {
  /** A code of the table in dmz-proxy/doctor/README.md. */
  readonly code: string;
  readonly topic: FindingTopic;
  readonly level: FindingLevel;
  /** Which address or server is meant, such as `192.0.2.10:5269`; empty: the partner as a whole. */
  readonly at: string;
  readonly says: string;
  readonly who: FindingWho;
  /** What they must do; empty where nothing is to be done. */
  readonly mend: string;
};

/** `note`: it works, and somebody should know. */
export type FindingLevel = (typeof findingLevels)[number];
export type FindingWho = (typeof findingWhos)[number];
export type FindingTopic = (typeof findingTopics)[number];

export const findingLevels = ['good', 'note', 'wrong'] as const;
export const findingWhos = ['nobody', 'us', 'partner', 'firewall'] as const;
/** In the order in which they are examined. */
export const findingTopics = [
  'policy',
  'dns',
  'address',
  'tls',
  'certificate',
  'authentication',
  'stream',
  'way-in',
] as const;

/** What one proxy found out about one partner. */
export type Diagnosis = {
  readonly domain: string;
  /** Our domain, in whose name it was to be dialled; empty: the first one of the proxy. */
  readonly from: string;
  /** The proxy that examined it. */
  readonly proxy: string;
  readonly tookMs: number;
  readonly findings: readonly Finding[];
};

/** What an operator asks a process by its control socket; undefined: a question that nobody knows. */
export type ControlQuestion =
  | { readonly ask: 'status' }
  /** The signed policy in this folder; an absolute path, and the process must be able to read it. */
  | { readonly ask: 'activate'; readonly folder: string }
  | { readonly ask: 'diagnose'; readonly domain: string; readonly from: string };

export function readControlQuestion(question: unknown): ControlQuestion | undefined {
  if (typeof question !== 'object' || question === null || !('ask' in question)) return undefined;
  if (question.ask === 'status') return { ask: 'status' };
  if (question.ask === 'activate') {
    return 'folder' in question && typeof question.folder === 'string'
      ? { ask: 'activate', folder: question.folder }
      : undefined;
  }
  if (question.ask !== 'diagnose' || !('domain' in question) || typeof question.domain !== 'string') return undefined;
  const from = 'from' in question ? question.from : '';
  return typeof from === 'string' ? { ask: 'diagnose', domain: question.domain, from } : undefined;
}

/** Text from a network on one line that cannot steer a terminal, so many characters at most. A copy, not a slice. */
export function shownText(text: string, characters: number): string {
  return Buffer.from(text.slice(0, characters).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')).toString();
}
