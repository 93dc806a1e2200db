// Streams in the hands of a journey: what a partner's server can do that an honest one does not (RFC 6120 §4, §13).
import { readFileSync } from 'node:fs';
import { issueCertificate } from '../../../deploy/certificates/issue.ts';
import type { Form } from '../form.ts';
import { patience, type Run } from '../run.ts';

export const streams: readonly Form[] = [
  {
    form: 'Partner DOMAIN opens a stream to DOMAIN',
    acts: true,
    async play(run, words) {
      run.stream = await run.site.partner(words('DOMAIN')).openStream({ to: words('DOMAIN', 1) });
    },
  },
  {
    form: 'Partner DOMAIN opens a stream to DOMAIN as DOMAIN',
    acts: true,
    async play(run, words) {
      const from = words('DOMAIN', 2);
      const certificate = certificateFor(run, words('DOMAIN'), from);
      run.stream = await run.site.partner(words('DOMAIN')).openStream({ to: words('DOMAIN', 1), from, ...certificate });
    },
  },
  {
    form: 'The stream is open',
    play(run) {
      const { negotiated } = opened(run);
      if (!negotiated.done) throw new Error(`it was refused: ${negotiated.condition} ${negotiated.text}`);
    },
  },
  {
    form: 'The stream is refused: CODE',
    play(run, words) {
      const { negotiated } = opened(run);
      if (negotiated.done) throw new Error('it was let in');
      if (negotiated.condition !== words('CODE')) throw new Error(`it was refused: ${negotiated.condition}`);
    },
  },
  {
    form: 'The stream sends: XML',
    acts: true,
    play: (run, words) => opened(run).write(words('XML')),
  },
  {
    form: 'The stream is ended: CODE',
    async play(run, words) {
      const condition = await opened(run).streamError(patience);
      if (condition !== words('CODE')) throw new Error(`it was ended: ${condition}`);
    },
  },
  {
    form: 'The streams of DOMAIN stay open',
    play({ site, heard }, words) {
      const partner = site.partner(words('DOMAIN'));
      const ended = partner
        .log()
        .slice(heard.get(words('DOMAIN')) ?? 0)
        .filter((piece) => piece.includes('</stream:stream>') || piece.includes('stream:error'));
      if (ended.length > 0) throw new Error(`one has ended: ${ended[0]}`);
      if (partner.streams().length === 0) throw new Error('it has no stream');
    },
  },
];

function opened(run: Run) {
  if (run.stream === undefined) throw new Error('no stream was opened');
  return run.stream;
}

function certificateFor({ site }: Run, partner: string, domain: string): { cert: string; key: string } {
  const files = site.lab.partners.find((each) => each.domain === partner);
  if (files === undefined) throw new Error(`${partner} is no partner of the lab`);
  const authority = { certPem: readFileSync(files.caFile, 'utf8'), keyPem: readFileSync(files.caKeyFile, 'utf8') };
  const { certPem, keyPem } = issueCertificate(authority, { dns: [domain], xmppAddrs: [domain] });
  return { cert: certPem, key: keyPem };
}
