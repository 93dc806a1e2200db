// A private Kamailio (Debian's 5.6) in place of a Skype front end: mutual TLS with an allow-list of names, record
// routing under its own name, asserted identities, and people behind it who speak SIP over TCP (sip-dialect §14).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, freePort, startDaemon } from '../daemon.ts';
import { opensPort } from './prosody.ts';

export type Address = { readonly host: string; readonly port: number };

export type KamailioOptions = {
  /** Its name: in its certificate, its Via and its Record-Route. No name server has to know it. */
  readonly fqdn: string;
  readonly certs: { readonly cert: string; readonly key: string; readonly ca: string };
  /** The trusted application: only a certificate with its name may send to us, and where we dial it. */
  readonly gateway: Address & { readonly fqdn: string };
  /** Where requests of the gateway go that begin a dialog: a person's client, TCP. */
  readonly client: Address;
  /** Where it listens for the gateway; a free port unless told. */
  readonly tlsPort?: number;
};

export type Kamailio = {
  /** For the gateway: mutual TLS. */
  readonly tlsPort: number;
  /** For the clients of its people. */
  readonly tcpPort: number;
  log(): string;
  stop(): Promise<void>;
};

/** Starts it in the foreground with 256 MB of shared memory and resolves when both ports are open. */
export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  const folder = await mkdtemp(join(tmpdir(), 'kamailio-'));
  const ports = { tls: options.tlsPort ?? (await freePort()), tcp: await freePort() };
  const file = (name: string) => join(folder, name);
  let daemon: Daemon;
  try {
    await writeFile(file('key.pem'), options.certs.key, { mode: 0o600 });
    await writeFile(file('cert.pem'), options.certs.cert);
    await writeFile(file('ca.pem'), options.certs.ca);
    await writeFile(file('tls.cfg'), tlsConfiguration(folder));
    await writeFile(file('kamailio.cfg'), configuration(folder, options, ports));
    // -DD: in the foreground with its workers; -Y: where it would put its sockets.
    const args = ['-f', file('kamailio.cfg'), '-DD', '-E', '-m', '256', '-M', '16', '-Y', folder, '-w', folder];
    daemon = await startDaemon('kamailio', args, {
      cwd: folder,
      ready: async () => {
        const answers = await Promise.all([ports.tls, ports.tcp].map(opensPort));
        return answers.every((isOpen) => isOpen);
      },
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    tlsPort: ports.tls,
    tcpPort: ports.tcp,
    log: daemon.log,
    stop: async () => {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function tlsConfiguration(folder: string): string {
  const both = `method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
private_key = ${folder}/key.pem
certificate = ${folder}/cert.pem
ca_list = ${folder}/ca.pem
`;
  return `[server:default]\n${both}\n[client:default]\n${both}`;
}

function configuration(
  folder: string,
  options: KamailioOptions,
  ports: { readonly tls: number; readonly tcp: number },
) {
  const { fqdn, gateway, client } = options;
  return `#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=2
enable_tls=yes
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=no
dns_try_naptr=no
tcp_connection_lifetime=3604
listen=tls:127.0.0.1:${ports.tls}
listen=tcp:127.0.0.1:${ports.tcp}
alias="${fqdn}"
loadmodule "kex"
loadmodule "tm"
loadmodule "tmx"
loadmodule "sl"
loadmodule "rr"
loadmodule "pv"
loadmodule "maxfwd"
loadmodule "textops"
loadmodule "siputils"
loadmodule "nathelper"
loadmodule "xlog"
loadmodule "tls"
modparam("tls", "config", "${folder}/tls.cfg")
modparam("rr", "enable_full_lr", 1)
modparam("tm", "fr_timer", 10000)
modparam("tm", "fr_inv_timer", 60000)
modparam("nathelper", "natping_interval", 0)

request_route {
  xlog("L_NOTICE", "REQUEST $rm $ru from $proto:$si:$sp $fu\\n");
  if ($proto == "tls" && $tls_peer_san_hostname != "${gateway.fqdn}") {
    xlog("L_NOTICE", "REFUSED the certificate of $tls_peer_san_hostname\\n");
    if (!is_method("ACK")) sl_send_reply("403", "Not a trusted server");
    exit;
  }
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("OPTIONS") && $rU == $null) { sl_send_reply("200", "OK"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) route(RELAY); exit; }
  if ($proto == "tcp" && !is_method("ACK")) add_contact_alias();

  if (has_totag()) {
    loose_route();
    if ($proto == "tls") handle_ruri_alias();
    else $du = "sip:${gateway.host}:${gateway.port};transport=tls";
    route(RELAY);
    exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) route(RELAY); exit; }
  t_check_trans();
  remove_hf("Route");
  if (is_method("INVITE|SUBSCRIBE")) record_route_advertised_address("${fqdn}:${ports.tls}");
  if ($proto == "tls") {
    $du = "sip:${client.host}:${client.port};transport=tcp";
  } else {
    append_hf("P-Asserted-Identity: <$fu>\\r\\n");
    $du = "sip:${gateway.host}:${gateway.port};transport=tls";
  }
  route(RELAY);
}

route[RELAY] {
  set_advertised_address("${fqdn}");
  set_advertised_port(${ports.tls});
  t_on_reply("ANSWER");
  if (!t_relay()) sl_reply_error();
}

onreply_route[ANSWER] {
  xlog("L_NOTICE", "ANSWER $rs $rr to $rm from $proto:$si:$sp\\n");
  if ($proto == "tls" && $tls_peer_san_hostname != "${gateway.fqdn}") {
    xlog("L_NOTICE", "REFUSED the certificate of $tls_peer_san_hostname\\n");
    drop;
  }
  if ($proto == "tcp") add_contact_alias();
}
`;
}
