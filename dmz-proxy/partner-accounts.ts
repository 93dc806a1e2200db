// One account for each partner: what its streams and its people have used up of the agreed rates. It outlives streams
// and policies, so that neither a new connection nor a changed policy begins anew (xmpp-boundary L7).
import type { Clock } from '@sallyport/shared/clock.ts';
import { gauge } from '@sallyport/shared/metrics.ts';
import { bouncedKind, type Packet, type SubscriptionStep } from '@sallyport/shared/packet.ts';
import type { Policy } from '@sallyport/shared/policy/policy.ts';
import type { RefusalCode } from '@sallyport/shared/refusals.ts';
import { createPeople, type RememberedPeople } from './people.ts';
import type { FlowAccount } from './situation.ts';
import { countUnknown, readsAsUnknown } from './stages/check-person-rate.ts';
import { countContentRefusal, isOfContent } from './stages/check-probing.ts';

export type PartnerAccount = { readonly flow: FlowAccount; readonly people: RememberedPeople };

export type PartnerAccounts = {
  /** The account of a domain that is a partner. */
  readonly of: (domain: string) => PartnerAccount;
  /** The inside has refused what this partner sent: whether that was a guess, or came from a content rule, is counted. */
  readonly refusedInside: (packet: Packet, code: RefusalCode) => void;
  /** Something is on its way to a partner: whoever is written to may write back, and a late refusal counts as one. */
  readonly released: (packet: Packet) => void;
};

/** Names over all partners; beyond it the partner with the most of them loses those that were quiet. */
export const namesOfAll = 200_000;

const peopleRemembered = gauge('people_remembered', 'Addresses that are remembered for the sake of rates');

export function createPartnerAccounts(world: {
  readonly policy: () => Policy;
  readonly clock: Clock;
}): PartnerAccounts {
  const accounts = new Map<string, PartnerAccount>();
  let names = 0;
  let policy: Policy | undefined;

  function count(): number {
    names = 0;
    for (const { people } of accounts.values()) names += people.size();
    peopleRemembered.set(names);
    return names;
  }

  // Counts upwards only, and anew when it seems too much: those who were forgotten are noticed then.
  function grown(): void {
    names += 1;
    if (names <= namesOfAll || count() <= namesOfAll) return;
    let largest: RememberedPeople | undefined;
    for (const { people } of accounts.values()) {
      if (largest === undefined || people.size() > largest.size()) largest = people;
    }
    largest?.forgetQuiet();
    count();
  }

  function of(domain: string): PartnerAccount {
    const current = world.policy();
    if (current !== policy) {
      policy = current;
      for (const known of accounts.keys()) if (!current.partners.has(known)) accounts.delete(known);
    }
    const known = accounts.get(domain);
    if (known !== undefined) return known;
    const fresh = { flow: { stanzas: 0, bytes: 0 }, people: createPeople(grown) };
    accounts.set(domain, fresh);
    return fresh;
  }

  function unknown(from: string, to: string, domain: string): void {
    const partner = world.policy().partners.get(domain);
    if (partner !== undefined) countUnknown(of(domain).people, partner.rates, from, to, world.clock.now());
  }

  return {
    of,
    refusedInside({ from, to, content }, code) {
      // What is not answered is no guess: nobody learns from it.
      if (bouncedKind(content.kind) === undefined) return;
      if (readsAsUnknown(code)) unknown(from.bare, to.bare, from.domain);
      const partner = world.policy().partners.get(from.domain);
      if (partner !== undefined && isOfContent(code)) {
        countContentRefusal(of(from.domain).people, partner.rates, from.bare, world.clock.now());
      }
    },
    released({ from, to, content }) {
      if (content.kind === 'bounce') {
        if (readsAsUnknown(content.code)) unknown(to.bare, from.bare, to.domain);
        return;
      }
      const meets = content.kind === 'message' || (content.kind === 'subscription' && invites(content.step));
      // Nobody is met by an `unsubscribed`: those who do not exist say it as well.
      if (!meets && content.kind !== 'subscription') return;
      const { people } = of(to.domain);
      const person = people.sender(to.bare);
      if (meets) people.meet(person, from.bare);
      else people.forget(person, from.bare);
    },
  };
}

function invites(step: SubscriptionStep): boolean {
  return step === 'subscribe' || step === 'subscribed';
}
