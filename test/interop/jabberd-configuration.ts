// The configuration files of a private jabberd2: one for each of its four daemons, and who may join its router.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

type Ports = Readonly<Record<'routerPort' | 'c2sPort' | 's2sPort', number>>;

/** The name and the text of each file. What they do not say is as the daemons have it by themselves. */
export function jabberdConfiguration(
  folder: string,
  domain: string,
  { routerPort, c2sPort, s2sPort }: Ports,
): ReadonlyMap<string, string> {
  const modules = moduleFolder();
  const common = (id: string) => `<id>${id}</id><log type='stdout'/>`;
  const router = `<router><ip>127.0.0.1</ip><port>${routerPort}</port><user>jabberd</user><pass>secret</pass></router>`;
  return new Map([
    ['router-users.xml', '<users><user><name>jabberd</name><secret>secret</secret></user></users>\n'],
    [
      'router.xml',
      `<router>${common('router')}
  <local><ip>127.0.0.1</ip><port>${routerPort}</port><users>${folder}/router-users.xml</users></local>
  <aci><acl type='all'><user>jabberd</user></acl></aci>
</router>
`,
    ],
    [
      'sm.xml',
      `<sm>${common('sm')}${router}
  <local><id>${domain}</id></local>
  <storage><path>${modules}</path><driver>db</driver><db><path>${folder}/data</path></db></storage>
  <modules><path>${modules}</path>${chains()}</modules>
  <user><auto-create/></user>
</sm>
`,
    ],
    [
      'c2s.xml',
      `<c2s>${common('c2s')}${router}
  <local>
    <id realm='${domain}' pemfile='${folder}/cert.pem' require-starttls='yes'>${domain}</id>
    <ip>127.0.0.1</ip><port>${c2sPort}</port>
  </local>
  <authreg>
    <path>${modules}</path><module>sqlite</module>
    <ssl-mechanisms><sasl><plain/></sasl></ssl-mechanisms>
    <sqlite><dbname>${folder}/accounts.db</dbname><password_type><plaintext/></password_type></sqlite>
  </authreg>
</c2s>
`,
    ],
    // One address to listen on, or every one of both families. A changed record is asked for again after a second, and
    // who waits for a stream is told after five what has become of it.
    [
      's2s.xml',
      `<s2s>${common('s2s')}${router}
  <local>
    <ip>::</ip><port>${s2sPort}</port>
    <origins><ip>127.0.0.1</ip><ip>::1</ip></origins>
    <pemfile>${folder}/cert.pem</pemfile>
    <cachain>${folder}/ca.pem</cachain>
    <verify-mode>7</verify-mode>
  </local>
  <check><interval>1</interval><queue>5</queue></check>
  <lookup><srv>xmpp-server</srv><resolve-ipv6/><min-ttl>1</min-ttl></lookup>
  <security><require_tls/></security>
</s2s>
`,
    ],
  ]);
}

/** What the session manager does, and in which order, of what the packaged file has: presence, roster, offline, pings. */
function chains(): string {
  const all = {
    'in-sess': ['validate', 'roster', 'iq-ping', 'disco', 'offline', 'presence', 'deliver'],
    'in-router': ['session', 'validate', 'presence'],
    'pkt-sm': ['iq-ping', 'disco', 'presence'],
    'pkt-user': ['roster', 'presence', 'disco', 'deliver', 'offline'],
    'pkt-router': ['session', 'disco'],
    'user-load': ['active', 'roster'],
    'user-create': ['active'],
    'user-delete': ['active', 'offline', 'roster'],
  };
  return Object.entries(all)
    .map(([id, names]) => `<chain id='${id}'>${names.map((name) => `<module>${name}</module>`).join('')}</chain>`)
    .join('');
}

/** Debian keeps them under the machine's triplet. */
function moduleFolder(): string {
  const folders = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'jabberd2'));
  const found = folders.find((folder) => existsSync(join(folder, 'storage_db.so')));
  if (found === undefined) throw new Error('the modules of jabberd2 are nowhere below /usr/lib');
  return found;
}
