// The subject alternative name (RFC 5280 §4.2.1.6) with the XMPP names that forge cannot write: xmppAddr and SRVName.
import forge from 'node-forge';

/** The names that a certificate carries. */
export type Names = {
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  /** id-on-xmppAddr (RFC 6120 §13.7.1.4): a bare domain. */
  readonly xmppAddrs?: readonly string[];
  /** SRVName (RFC 4985), with its service: _xmpp-server.out.example. */
  readonly srvNames?: readonly string[];
};

const XMPP_ADDR = '1.3.6.1.5.5.7.8.5';
const SRV_NAME = '1.3.6.1.5.5.7.8.7';
const { asn1 } = forge;

/** The extension for forge, or nothing where there is no name. */
export function subjectAltName(names: Names): object | undefined {
  const all = [
    ...(names.dns ?? []).map(dnsName),
    ...(names.uris ?? []).map((uri) => asn1.create(asn1.Class.CONTEXT_SPECIFIC, 6, false, uri)),
    ...(names.xmppAddrs ?? []).map((name) =>
      otherName(XMPP_ADDR, asn1.Type.UTF8, Buffer.from(name, 'utf8').toString('latin1')),
    ),
    ...(names.srvNames ?? []).map((name) => otherName(SRV_NAME, asn1.Type.IA5STRING, name)),
  ];
  if (all.length === 0) return undefined;
  const value = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, all);
  return { id: '2.5.29.17', critical: false, value: asn1.toDer(value).getBytes() };
}

/** A GeneralName of kind dNSName. */
export function dnsName(name: string): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, 2, false, name);
}

function otherName(oid: string, type: forge.asn1.Type, value: string): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, [
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(oid).getBytes()),
    asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, [asn1.create(asn1.Class.UNIVERSAL, type, false, value)]),
  ]);
}
