// The site of the bench: the lab's, with as many users as there are conversations to load.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Lab, writeSite } from '../lab/lab-site.ts';

/** Two people who talk: one at a partner, one inside. Nobody is in two conversations. */
export type Conversation = { readonly outside: string; readonly inside: string };

export type BusySite = { readonly lab: Lab; readonly conversations: readonly Conversation[] };

/** What the policy asks of the texts: what the lab's does (a word list), nothing at all, or all that ours is shipped with. */
export type ContentOfPolicy = 'lab' | 'nothing' | 'shipped';

const shipped = join(import.meta.dirname, '..', '..', 'policies');

/** Makes the site below `folder`; the conversations are spread evenly over the partners and the internal domains. */
export async function writeBusySite(
  folder: string,
  conversations: number,
  content: ContentOfPolicy = 'lab',
): Promise<BusySite> {
  // The message of the bench has no label: its cost is to be compared with that of other days, and of other servers.
  const site = await writeSite(folder, { labels: false });
  if (content !== 'lab') rmSync(join(site.policyDir, 'lists'), { recursive: true });
  if (content === 'nothing') writeFileSync(join(site.policyDir, 'content.yaml'), 'lists: []\n');
  if (content === 'shipped')
    for (const each of ['content.yaml', 'labels.yaml', 'texts.yaml', 'lists'])
      cpSync(join(shipped, each), join(site.policyDir, each), { recursive: true });
  const domains = site.partners.flatMap((partner) => site.internalDomains.map((domain) => [partner.domain, domain]));
  const talks = Array.from({ length: conversations }, (_, number) => {
    const [outside, inside] = domains[number % domains.length] ?? [];
    return { outside: `ann${number}@${outside}`, inside: `bob${number}@${inside}` };
  });
  const internalUsers = talks.map(({ inside }) => inside);
  const partners = site.partners.map((partner) => {
    const users = talks.map(({ outside }) => outside).filter((address) => address.endsWith(`@${partner.domain}`));
    return { ...partner, users };
  });
  const lab = { ...site, internalUsers, partners, frontEnd: { ...site.frontEnd, users: internalUsers } };
  const settings: unknown = parse(readFileSync(lab.settings.gateway, 'utf8'));
  writeFileSync(
    lab.settings.gateway,
    // Without the journal for authors of policies, which nobody has who does not ask for it.
    stringify(Object.assign({}, settings, { users: internalUsers, policyJournal: undefined }), {
      aliasDuplicateObjects: false,
    }),
  );
  return { lab, conversations: talks };
}
