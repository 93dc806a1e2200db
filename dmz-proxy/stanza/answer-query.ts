// What the proxy answers by itself, the same for everybody (XEP-0199, 0030, 0202; xmpp-boundary §2.3, L5).
import { jidText } from '@sallyport/shared/address/jid.ts';
import type { Instant } from '@sallyport/shared/clock.ts';
import type { Vocabulary } from '@sallyport/shared/policy/vocabulary.ts';
import { type Element, xml } from '@xmpp/xml';
import { printBuilt } from '../xml/print.ts';
import { discoInfoNs, discoItemsNs, pingNs, securityLabelNs, timeNs } from './namespaces.ts';
import type { LocalQuery } from './stanza.ts';

/**
 * The result of a query to our domain: nothing about versions, people or what lies behind. Who may use labels is told
 * that they are understood (XEP-0258 §2).
 */
export function answerQuery(query: LocalQuery, now: Instant, words?: Vocabulary): string {
  return printBuilt(
    xml(
      'iq',
      { from: jidText(query.to), to: jidText(query.from), id: query.id, type: 'result' },
      answer(query.query, now, words),
    ),
  );
}

function answer(query: LocalQuery['query'], now: Instant, words: Vocabulary | undefined): Element | undefined {
  switch (query) {
    case 'ping':
      return undefined;
    case 'disco-info':
      return xml(
        'query',
        { xmlns: discoInfoNs },
        xml('identity', { category: 'gateway', type: 'sip' }),
        ...[discoInfoNs, discoItemsNs, pingNs, ...(words?.has('labels') === true ? [securityLabelNs] : [])].map(
          (feature) => xml('feature', { var: feature }),
        ),
      );
    case 'disco-items':
      return xml('query', { xmlns: discoItemsNs });
    case 'time':
      // UTC alone: the zone would tell where we are.
      return xml(
        'time',
        { xmlns: timeNs },
        xml('tzo', {}, '+00:00'),
        xml('utc', {}, `${new Date(now).toISOString().slice(0, 19)}Z`),
      );
    default:
      return query satisfies never;
  }
}
