// The order in which the servers of a domain are tried (RFC 2782, XEP-0368; xmpp-boundary N2, N3).

/** One server as an SRV record names it. */
export type Service = {
  readonly name: string;
  readonly port: number;
  /** From the first byte (`_xmpps-server`), or after STARTTLS (`_xmpp-server`). */
  readonly tls: 'starttls' | 'direct';
  readonly priority: number;
  readonly weight: number;
};

/**
 * The records of both services as one list: ascending priority, and inside one priority drawn by weight. A record of
 * weight 0 is still drawn now and then, as RFC 2782 asks. `random` gives 0 to 1, without 1.
 */
export function orderServices(services: readonly Service[], random: () => number = Math.random): readonly Service[] {
  const priorities = [...new Set(services.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawn(
      services.filter((each) => each.priority === priority),
      random,
    ),
  );
}

function drawn(services: readonly Service[], random: () => number): readonly Service[] {
  // Weight 0 stands first, so that it has its chance only where the draw is 0.
  const left = services.toSorted((a, b) => Number(a.weight !== 0) - Number(b.weight !== 0));
  const order: Service[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    const draw = Math.floor(random() * (total + 1));
    let sum = 0;
    const at = left.findIndex(({ weight }) => {
      sum += weight;
      return sum >= draw;
    });
    order.push(...left.splice(Math.max(at, 0), 1));
  }
  return order;
}
