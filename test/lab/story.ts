// The story that the lab tells: seven things that happen at the boundary, each done for real and checked.

import { readFileSync } from 'node:fs';
import { issueCertificate } from '../../deploy/certificates/issue.ts';
import { type Decision, type Decisions, openDecisions } from './decisions.ts';
import { dirtyWord } from './lab-rules.ts';
import type { Lab } from './lab-site.ts';
import type { Neighbours } from './neighbours.ts';

export type Step = {
  readonly title: string;
  /** Does it and returns what was seen, line by line; throws where it did not go as it must. */
  readonly play: (stage: Stage) => Promise<readonly string[]>;
};

export type Stage = { readonly lab: Lab; readonly neighbours: Neighbours; readonly decisions: Decisions };

const within = 8_000;

export const story: readonly Step[] = [
  {
    title: 'Ann, at an XMPP partner, writes to Bob, who uses Skype inside.',
    async play(stage) {
      const { ann, bob } = people(stage);
      await ann.send(bob.address, 'Good morning, Bob ☀');
      const got = await bob.nextMessage({ within, from: ann.address });
      expect(got.text, 'Good morning, Bob ☀');
      return [`Bob's client shows: “${got.text}”`, ...(await passed(stage, 'inward', ann.address))];
    },
  },
  {
    title: 'Bob answers in the same conversation.',
    async play(stage) {
      const { ann, bob } = people(stage);
      const answer = await bob.say(ann.address, 'And to you, Ann 🙂 שלום');
      expect(answer.status, 200);
      const got = await ann.nextMessage({ within, from: bob.address });
      expect(got.body, 'And to you, Ann 🙂 שלום');
      return [
        `Ann's client shows: “${got.body}”`,
        `Bob's client got: ${answer.status} ${answer.reason}`,
        ...(await passed(stage, 'outward', bob.address)),
      ];
    },
  },
  {
    title: 'Each sees that the other types.',
    async play(stage) {
      const { ann, bob } = people(stage);
      await ann.compose(bob.address, 'composing');
      const typing = await bob.nextTyping({ within, from: ann.address });
      expect(typing.state, 'type');
      await bob.type(ann.address, 'type');
      const state = await ann.nextChatState({ within, from: bob.address });
      expect(state.chatState, 'composing');
      return [
        "Bob's client shows that Ann types (INFO, KeyboardActivity)",
        "Ann's client shows that Bob types (chat state composing)",
      ];
    },
  },
  {
    title: 'Ann uses a word that the policy forbids.',
    async play(stage) {
      const { ann, bob } = people(stage);
      const id = await ann.send(bob.address, `The ${dirtyWord} sings at dawn`);
      const error = await ann.nextError({ within });
      expect(error.id, id);
      expect(error.error?.condition, 'policy-violation');
      return [
        `Ann's client got the stanza error ${error.error?.condition} (${error.error?.type}): “${error.error?.text ?? ''}”`,
        ...(await refusedBy(stage, { by: 'proxy', code: 'content-refused' })),
      ];
    },
  },
  {
    title: 'Bob uses the same word; it must not even reach the DMZ.',
    async play(stage) {
      const { ann, bob } = people(stage);
      const answer = await bob.say(ann.address, `Beware of the ${dirtyWord}`);
      expect(answer.status, 606);
      return [
        `Bob's client got: ${answer.status} ${answer.reason}`,
        ...(await refusedBy(stage, { by: 'gateway', code: 'content-refused' })),
      ];
    },
  },
  {
    title: 'Somebody from a domain that is no partner knocks.',
    async play(stage) {
      const { lab, neighbours } = stage;
      const [partner] = lab.partners;
      if (partner === undefined) throw new Error('the lab has no partner');
      const authority = {
        certPem: readFileSync(partner.caFile, 'utf8'),
        keyPem: readFileSync(partner.caKeyFile, 'utf8'),
      };
      const { certPem, keyPem } = issueCertificate(authority, {
        dns: ['stranger.example'],
        xmppAddrs: ['stranger.example'],
      });
      const stream = await neighbours.partners.get(partner.domain)?.openStream({
        to: lab.internalDomains[0] ?? '',
        from: 'stranger.example',
        cert: certPem,
        key: keyPem,
      });
      const condition = stream?.negotiated.done === false ? stream.negotiated.condition : 'it was let in';
      stream?.destroy();
      if (!condition.includes('policy-violation')) throw new Error(`expected policy-violation, saw ${condition}`);
      return [
        `The stranger's server got: ${condition}`,
        ...(await refusedBy(stage, { by: 'proxy', code: 'partner-unknown' })),
      ];
    },
  },
  {
    title: 'A partner forges a sender of another partner.',
    async play(stage) {
      const { lab, neighbours } = stage;
      const [partner, other] = lab.partners;
      if (partner === undefined || other === undefined) throw new Error('the lab has no two partners');
      const stream = await neighbours.partners.get(partner.domain)?.openStream({ to: lab.internalDomains[0] ?? '' });
      if (stream === undefined) throw new Error('no stream');
      await stream.write(
        `<message from='${other.users[0]}' to='${lab.internalUsers[0]}' id='f1' type='chat'><body>I am Zoe</body></message>`,
      );
      const condition = await stream.streamError(within);
      expect(condition, 'invalid-from');
      stream.destroy();
      return [
        `The forger's stream was ended with: ${condition}`,
        ...(await refusedBy(stage, { by: 'proxy', code: 'sender-forged' })),
      ];
    },
  },
];

/** Plays the whole story; `say` gets each line as it happens. Resolves with whether all went as it must. */
export async function tell(lab: Lab, neighbours: Neighbours, say: (line: string) => void): Promise<boolean> {
  const decisions = openDecisions(lab);
  let good = 0;
  for (const [i, step] of story.entries()) {
    decisions.mark();
    say('');
    say(`${i + 1}. ${step.title}`);
    try {
      for (const line of await step.play({ lab, neighbours, decisions })) say(`     ${line}`);
      say('   ✓ as it must be');
      good++;
    } catch (error) {
      say(`   ✗ NOT as it must be: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  say('');
  const violations = neighbours.frontEnd().violations();
  for (const violation of violations) say(`   ✗ the Skype front end complains: ${violation}`);
  say(`${good} of ${story.length} steps went as they must.`);
  return good === story.length && violations.length === 0;
}

function people({ lab, neighbours }: Stage) {
  const [partner] = lab.partners;
  const ann = neighbours.partners.get(partner?.domain ?? '')?.user(partner?.users[0] ?? '');
  const bob = neighbours.frontEnd().user(lab.internalUsers[0] ?? '');
  if (ann === undefined) throw new Error('the lab has no users');
  return { ann, bob };
}

async function passed({ decisions }: Stage, way: 'inward' | 'outward', from: string): Promise<readonly string[]> {
  const chain: readonly Partial<Decision>[] =
    way === 'inward'
      ? [
          { by: 'proxy', event: 'admitted' },
          { by: 'gateway', event: 'accepted' },
          { by: 'gateway', event: 'delivered' },
        ]
      : [
          { by: 'gateway', event: 'accepted' },
          { by: 'proxy', event: 'released' },
        ];
  const found: Decision[] = [];
  for (const link of chain) found.push(await decisions.await({ ...link, from, kind: 'message' }));
  return [found.map((each) => `${each.event} (${each.by})`).join(' → ')];
}

async function refusedBy({ decisions }: Stage, what: Partial<Decision>): Promise<readonly string[]> {
  const { by, stage, code } = await decisions.await(what);
  return [`decided by the ${by}, stage ${stage}: ${code}`];
}

function expect(seen: unknown, wanted: unknown): void {
  if (seen !== wanted) throw new Error(`expected ${String(wanted)}, saw ${String(seen)}`);
}
