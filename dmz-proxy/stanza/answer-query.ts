// What the proxy answers by itself, the same for everybody (XEP-0199, XEP-0030; xmpp-boundary §2.3, L5).
import { jidText } from '@sallyport/shared/address/jid.ts';
import { type Element, xml } from '@xmpp/xml';
import { printBuilt } from '../xml/print.ts';
import { discoInfoNs, discoItemsNs, pingNs } from './namespaces.ts';
import type { LocalQuery } from './stanza.ts';

/** The result of a query to our domain: nothing about versions, people or what lies behind. */
export function answerQuery(query: LocalQuery): string {
  return printBuilt(
    xml('iq', { from: jidText(query.to), to: jidText(query.from), id: query.id, type: 'result' }, answer(query.query)),
  );
}

function answer(query: LocalQuery['query']): Element | undefined {
  switch (query) {
    case 'ping':
      return undefined;
    case 'disco-info':
      return xml(
        'query',
        { xmlns: discoInfoNs },
        xml('identity', { category: 'gateway', type: 'sip' }),
        ...[discoInfoNs, discoItemsNs, pingNs].map((feature) => xml('feature', { var: feature })),
      );
    case 'disco-items':
      return xml('query', { xmlns: discoItemsNs });
    default:
      return query satisfies never;
  }
}
