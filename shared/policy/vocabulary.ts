// The vocabulary of a partner: which extensions of XMPP are spoken with it, by name, and the profiles that gather them
// (xmpp-boundary §2). Compiled once when the policy is loaded; a grammar asks a set.

/** What each word lets in and out. Whatever has no word here is spoken with everybody, or with nobody. */
export const vocabularyWords = {
  presence: 'availability, subscription requests and probes (RFC 6121)',
  statuses: 'the free text beside availability',
  'chat-states': 'typing (XEP-0085)',
  receipts: 'that a message has arrived: asked for, and heard (XEP-0184)',
  arrivals: 'that a message has arrived: told to who asks, which tells as well when somebody is there (XEP-0184)',
  delays: 'when a late stanza was said (XEP-0203)',
  nicknames: 'the name that people give themselves (XEP-0172)',
  corrections: 'a message in the place of an earlier one (XEP-0308)',
  labels: 'the security label of a message; without the word a message with one is refused (XEP-0258)',
  links: 'an address beside the text (XEP-0066)',
  replies: 'what a message answers (XEP-0461, 0428)',
  reactions: 'emoji to a message (XEP-0444)',
  retractions: 'a message is taken back (XEP-0424)',
  avatars: 'which picture somebody has: its hash, size and kind (XEP-0153, 0084)',
  markers: 'that a message was read (XEP-0333)',
  idle: 'since when somebody is away, to five minutes (XEP-0319)',
  time: 'our clock, in UTC (XEP-0202)',
  cards: 'contact cards on request (XEP-0054)',
} as const;

export type VocabularyWord = keyof typeof vocabularyWords;
export type VocabularyProfile = 'im-minimal' | 'im-standard';
export type Vocabulary = ReadonlySet<VocabularyWord>;

const minimal: readonly VocabularyWord[] = ['presence', 'statuses'];
const standard: readonly VocabularyWord[] = [
  ...minimal,
  ...(['chat-states', 'receipts', 'delays', 'nicknames', 'corrections', 'links'] as const),
  ...(['replies', 'reactions', 'retractions', 'avatars'] as const),
];

/** What each profile holds. Texts, subjects, threads, errors, pings and what our domain is (XEP-0030) are in all. */
export const vocabularyProfiles: Readonly<Record<VocabularyProfile, Vocabulary>> = {
  'im-minimal': new Set(minimal),
  'im-standard': new Set(standard),
};

/** What is spoken with a partner whose entry does not tell. */
export const defaultProfile: VocabularyProfile = 'im-standard';
export const defaultVocabulary: Vocabulary = vocabularyProfiles[defaultProfile];

/** All words, in the order of the manual. */
export const allVocabularyWords: readonly VocabularyWord[] = Object.keys(vocabularyWords).filter(isVocabularyWord);

export function isVocabularyWord(text: string): text is VocabularyWord {
  return Object.hasOwn(vocabularyWords, text);
}

/** A profile with more words and without some. */
export function compileVocabulary(
  profile: VocabularyProfile,
  more: readonly VocabularyWord[] = [],
  less: readonly VocabularyWord[] = [],
): Vocabulary {
  if (more.length === 0 && less.length === 0) return vocabularyProfiles[profile];
  const words = new Set([...vocabularyProfiles[profile], ...more]);
  for (const word of less) words.delete(word);
  return words;
}
