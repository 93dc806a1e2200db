// Our own words to a partner: the answer to a query, the error for a stanza that was refused (RFC 6120 §8.3).
import type { FromPartnerWorld } from './from-partner.ts';
import type { Shipment } from './stream/shipment.ts';

/**
 * Ships a reply, and once more when its stream was lost behind the write: the stanza that it answers is acknowledged by
 * then, so that nobody else would tell its sender (invariant I1). `said` is called when it is written, or given up. It
 * does not wait until the partner has acknowledged the reply: two ends that refuse each other's stanzas would wait for
 * each other for ever.
 */
export function createReplies(ship: (shipment: Shipment) => void): FromPartnerWorld['reply'] {
  return (localDomain, remoteDomain, xml, said) => {
    const shipOnce = (mayRepeat: boolean): void =>
      ship({
        xml,
        localDomain,
        remoteDomain,
        written: said,
        settled(refusal) {
          if (mayRepeat && refusal?.note === 'lost-after-write') shipOnce(false);
          else said();
        },
      });
    shipOnce(true);
  };
}
