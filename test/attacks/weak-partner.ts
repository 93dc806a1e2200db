// weak.example: a partner that only dialback can prove, its real server, and whoever says to be it.
import { once } from 'node:events';
import { after } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { issueAuthority, issueCertificate } from '../../deploy/certificates/issue.ts';
import { createDialbackKeys } from '../../dmz-proxy/dialback/keys.ts';
import { acceptTls, header, listenScripted, type Peer, peerOn } from '../streams/scripted-peer.ts';
import { type SiteUnderAttack, startUnderAttack } from './site-under-attack.ts';

export const attribute = (xml: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(xml)?.[1] ?? '';

const declared = 'xmlns:db="jabber:server:dialback"';
const nobody = issueCertificate(issueAuthority({ name: 'nobody' }), { dns: ['weak.example'] });

export type WeakSite = SiteUnderAttack & {
  /** The keys of the real weak.example. */
  readonly weak: ReturnType<typeof createDialbackKeys>;
  /** How often its real server was dialled, and how many questions stood before it at once at most. */
  readonly dialled: () => { readonly times: number; readonly atOnce: number };
  /** Anybody with a certificate of his own making, who says to be `from`; behind the features of his stream. */
  readonly knock: (from?: string) => Promise<Peer & { readonly id: string }>;
};

/** The site, with weak.example in its policy. Its server answers each question `delayMs` later. */
export async function startWeakSite({ delayMs = 0 }: { readonly delayMs?: number } = {}): Promise<WeakSite> {
  const weak = createDialbackKeys('the secret of weak.example');
  let open = 0;
  let atOnce = 0;
  const home = await listenScripted(async (plain) => {
    const peer = await acceptTls(plain, nobody, 'weak.example');
    await peer.hear('xml:lang="en">');
    peer.say(`${header(`${declared} from="weak.example" to="in.example" id="w" version="1.0"`)}<stream:features/>`);
    const question = await peer.hear('</db:verify>');
    open += 1;
    atOnce = Math.max(atOnce, open);
    const [from, to, id] = [attribute(question, 'from'), attribute(question, 'to'), attribute(question, 'id')];
    const key = />([^<]*)<\/db:verify>/.exec(question)?.[1] ?? '';
    const type = weak.matches(key, from, to, id) ? 'valid' : 'invalid';
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    open -= 1;
    peer.say(`<db:verify from="${to}" to="${from}" id="${id}" type="${type}"/>`);
    await peer.hear('</stream:stream>');
    peer.socket.end();
  });
  after(() => home.close());
  const connect = [{ host: '127.0.0.1', port: home.port }];
  const entry = { domain: 'weak.example', connect, dialback: 'tls-only', mayTalk: 'everyone' };
  const site = await startUnderAttack({ partners: [entry] });
  return {
    ...site,
    weak,
    dialled: () => ({ times: home.connections(), atOnce }),
    async knock(from = 'weak.example') {
      const port = site.lab.proxy.directTls;
      const secure = { rejectUnauthorized: false, servername: 'in.example', cert: nobody.certPem, key: nobody.keyPem };
      const socket = connectTls({ host: '127.0.0.1', port, ...secure });
      socket.on('error', () => {});
      await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]);
      const peer = peerOn(socket);
      peer.say(header(`${declared} from="${from}" to="in.example" version="1.0"`));
      const words = await peer.hear(from === 'weak.example' ? '</stream:features>' : '>');
      return { ...peer, id: attribute(words, 'id') };
    },
  };
}

export const result = (key: string, from = 'weak.example', to = 'in.example'): string =>
  `<db:result from="${from}" to="${to}">${key}</db:result>`;

export const verify = (key: string, id: string, from = 'weak.example', to = 'in.example'): string =>
  `<db:verify from="${from}" to="${to}" id="${id}">${key}</db:verify>`;

export const forged = '<message from="eve@weak.example" to="bob@in.example" type="chat"><body>forged</body></message>';
