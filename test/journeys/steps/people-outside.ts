// What people at XMPP partners do and get: stanzas, as they are on the wire (RFC 6120 §8, XEP-0085).
import { child, type Element, parseElement } from '../../fakes/xmpp-partner/read-xml.ts';
import type { Form } from '../form.ts';
import { expectAbout, patience, type Run } from '../run.ts';

const quietMs = 700;

export const peopleOutside: readonly Form[] = [
  {
    form: 'ANN sends: XML',
    acts: true,
    play: ({ site }, words) => site.outsider(words('ANN')).sendXml(withSender(words('XML'), words('ANN'))),
  },
  {
    form: 'ANN sends BOB a text of N characters',
    acts: true,
    async play({ site }, words) {
      await site.outsider(words('ANN')).send(words('BOB'), 'x'.repeat(Number(words('N'))));
    },
  },
  {
    form: 'ANN types to BOB',
    acts: true,
    play: ({ site }, words) => site.outsider(words('ANN')).compose(words('BOB'), 'composing'),
  },
  {
    form: 'ANN stops typing to BOB',
    acts: true,
    play: ({ site }, words) => site.outsider(words('ANN')).compose(words('BOB'), 'paused'),
  },
  {
    form: 'ANN gets: XML',
    async play({ site }, words) {
      const got = await site.outsider(words('ANN')).next({ within: patience });
      const missing = missingOf(parseElement(words('XML')), parseElement(got.raw));
      if (missing !== undefined) throw new Error(`${missing} is not in ${got.raw}`);
    },
  },
  {
    form: 'ANN gets error: CODE [TYPE]',
    play: (run, words) => expectError(run, words('ANN'), words('CODE'), words('TYPE')),
  },
  {
    form: 'ANN gets error: CODE [TYPE] "TEXT"',
    play: (run, words) => expectError(run, words('ANN'), words('CODE'), words('TYPE'), words('TEXT')),
  },
  {
    form: 'ANN gets error: CODE [TYPE] after about N s',
    async play(run, words) {
      await expectError(run, words('ANN'), words('CODE'), words('TYPE'), undefined, Number(words('N')) * 1000 + 5_000);
      expectAbout(run, Number(words('N')));
    },
  },
  {
    form: 'ANN gets nothing',
    async play({ site }, words) {
      const got = await site
        .outsider(words('ANN'))
        .next({ within: quietMs })
        .catch(() => undefined);
      if (got !== undefined) throw new Error(`got ${got.raw}`);
    },
  },
];

async function expectError(
  { site }: Run,
  ann: string,
  condition: string,
  type: string,
  text?: string,
  within = patience,
): Promise<void> {
  const got = await site.outsider(ann).nextError({ within });
  const seen = got.error;
  if (seen?.condition !== condition || seen.type !== type) throw new Error(`got ${got.raw}`);
  // Behind the words of the policy's author stands the number by which an operator finds the decision.
  if (text !== undefined && seen.text?.replace(/ \(incident \w+\)$/, '') !== text) throw new Error(`got ${got.raw}`);
}

/** A stanza without `from` is from its sender's desk. */
function withSender(xml: string, address: string): string {
  if (/^<[^>]*\sfrom=/.test(xml)) return xml;
  return xml.replace(/^<([a-z]+)/, `<$1 from='${address}/desk'`);
}

/** The first thing of `wanted` that `got` does not have; a resource that is not asked for does not matter. */
function missingOf(wanted: Element, got: Element): string | undefined {
  if (wanted.name !== got.name || wanted.namespace !== got.namespace) return `<${wanted.name}>`;
  for (const [name, value] of wanted.attributes) {
    const seen = got.attributes.get(name) ?? '';
    const bare = value.includes('/') ? seen : seen.replace(/\/.*$/, '');
    if (name !== 'xmlns' && seen !== value && bare !== value) return `${name}='${value}'`;
  }
  if (wanted.children.length === 0 && wanted.text !== '' && wanted.text !== got.text) return `“${wanted.text}”`;
  for (const part of wanted.children) {
    // Of several children of one name, such as features, one that fits is enough.
    const alike = got.children.filter((each) => each.name === part.name && each.namespace === part.namespace);
    if (alike.length === 0) return child(got, part.name) ? `<${part.name}> of ${part.namespace}` : `<${part.name}>`;
    const missing = alike.map((each) => missingOf(part, each));
    if (missing.every((each) => each !== undefined)) return missing[0];
  }
  return undefined;
}
