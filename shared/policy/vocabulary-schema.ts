// What a partner entry may say about the vocabulary: the profile, words more and less, the rooms it may invite to.
import { z } from 'zod';
import { whyNot, writtenAddress } from '../settings-schema.ts';
import { allVocabularyWords, defaultProfile, type VocabularyProfile, vocabularyProfiles } from './vocabulary.ts';

const word = z.enum(allVocabularyWords, { error: `write one of ${allVocabularyWords.join(', ')}` });

/** `room@rooms.out.example`: one room, written out. */
const room = z
  .string()
  .refine((text) => writtenRoom(text) !== undefined, {
    error: ({ input }) => whyNot(input, 'write the address of one room in lower case, such as plans@rooms.out.example'),
  })
  .overwrite((text) => writtenRoom(text) ?? text);

const profiles = ['im-minimal', 'im-standard'] as const satisfies readonly VocabularyProfile[];

/** The keys of a partner entry. */
export const vocabularyFields = {
  vocabulary: z
    .enum(profiles)
    .default(defaultProfile)
    .describe(
      'which extensions of XMPP are spoken: im-minimal is texts and presence, im-standard what chats are used to',
    ),
  with: z.array(word).max(32).optional().describe('more words than the profile has, such as [markers, idle]'),
  without: z.array(word).max(32).optional().describe('words of the profile that are not spoken after all'),
  rooms: z.array(room).max(1_000).optional().describe('the group chats that it may invite people to, and no others'),
};

type Entry = z.infer<z.ZodObject<typeof vocabularyFields>>;

/** Tells of each word that changes nothing: it was meant to change something. */
export function refuseIdleWords(
  entry: Entry,
  impossible: (message: string, ...path: (string | number)[]) => void,
): void {
  const profile = vocabularyProfiles[entry.vocabulary];
  for (const [i, each] of (entry.with ?? []).entries()) {
    if (profile.has(each)) impossible(`${each} is in ${entry.vocabulary} already; remove it`, 'with', i);
  }
  for (const [i, each] of (entry.without ?? []).entries()) {
    if (!profile.has(each)) impossible(`${each} is not in ${entry.vocabulary}; remove it`, 'without', i);
  }
}

function writtenRoom(text: string): string | undefined {
  return /^[^@*]+@/.test(text) ? writtenAddress(text) : undefined;
}
