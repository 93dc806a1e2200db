// Is it reached, and does XMPP answer there? TCP, the header, STARTTLS, and the errors by which a server turns us away
// (RFC 6120 §4.9.3, §5.4; xmpp-boundary §1.12, N13).
import type { Finding } from '@sallyport/shared/finding.ts';
import { describeEnding, type Ending } from '../stream/ending.ts';
import type { Examined } from './examine-place.ts';
import { found } from './findings.ts';
import { offersOf } from './offers.ts';

export type Names = { readonly ours: string; readonly theirs: string };

/** About TCP at all places. */
export function* explainConnections(examined: readonly Examined[]): Generator<Finding> {
  for (const { at, connection } of examined) {
    if (connection.ok) yield found('port-open', `takes the connection, after ${connection.ms} ms`, { at });
    else yield sayUnreached(at, connection.note);
  }
  const routes = examined.filter(({ connection }) => connection.ok || !isUnroutable(connection.note));
  if (examined.length > 0 && routes.length === 0) {
    yield found('nothing-reached', 'this machine has no route to any address of the partner');
  }
}

function sayUnreached(at: string, note: string): Finding {
  if (isUnroutable(note)) return found('address-unroutable', `there is no route from this machine (${note})`, { at });
  if (note === 'ECONNREFUSED') return found('port-closed', 'nobody listens at this port (connection refused)', { at });
  return found('address-silent', `no connection: ${note === 'ETIMEDOUT' ? 'no answer in time' : note}`, { at });
}

function isUnroutable(note: string): boolean {
  return note === 'ENETUNREACH' || note === 'EADDRNOTAVAIL' || note === 'EAFNOSUPPORT';
}

/** About what was said before TLS, and the errors of any time. Nothing where the stream went further. */
export function* explainFirstWords({ at, walk }: Examined, names: Names): Generator<Finding> {
  if (walk?.ending === undefined) return;
  const { ending } = walk;
  const turnedAway = explainStreamError(ending, names);
  if (turnedAway !== undefined) yield { ...turnedAway, at };
  else if (walk.reached === 'connected')
    yield { ...explainPlainEnd(ending, walk.greeted, offersOf(walk.features)), at };
}

/** What a stream error of the partner means; undefined where it is none, or one about certificates. */
function explainStreamError(ending: Ending, { ours, theirs }: Names): Finding | undefined {
  if (ending.kind !== 'closed' || ending.by !== 'peer' || ending.condition === undefined) return undefined;
  const { note } = ending;
  switch (ending.condition) {
    case 'host-unknown':
    case 'host-gone':
      return found('host-unknown-there', `it does not serve ${theirs}, or not for ${ours}: ${note}`);
    case 'not-allowed':
    case 'forbidden':
    case 'policy-violation':
      return found('not-on-their-list', `it does not want to talk with ${ours}: ${note}`, {
        mend: `add ${ours} to their list of partners`,
      });
    case 'see-other-host':
      return found('sent-elsewhere', note);
    case 'not-authorized':
      return undefined;
    default:
      return found('stream-refused', note);
  }
}

function explainPlainEnd(ending: Ending, greeted: boolean, { startTls }: { readonly startTls: boolean }): Finding {
  const words = describeEnding(ending);
  switch (ending.kind) {
    case 'error':
      switch (ending.condition) {
        case 'connection-timeout':
          return found(
            'no-answer',
            greeted ? 'begins a stream, and then says nothing' : 'takes the connection and says nothing',
          );
        case 'invalid-from':
          return found('speaks-for-another', words);
        case 'policy-violation':
          return startTls
            ? found('starttls-refused', words)
            : found('starttls-missing', 'offers no STARTTLS, and without TLS we say nothing');
        default:
          return found('no-xmpp', `what it says is not XMPP between servers (${words})`);
      }
    case 'closed':
      return found('stream-refused', words);
    case 'cut':
      if (startTls) return found('starttls-refused', words);
      return found('cut-at-once', greeted ? `begins a stream, then: ${words}` : words);
    default:
      return ending satisfies never;
  }
}
