// What a partner's entry says of its proof, and cannot mean: certificates, SASL EXTERNAL and dialback against each other.

/** Tells of one impossible combination: the reason and the mend, and where in the entry it stands. */
export type Impossible = (message: string, ...path: (string | number)[]) => void;

type Terms = {
  readonly trust?: readonly string[] | undefined;
  readonly pins?: readonly string[] | undefined;
  readonly crl?: object | undefined;
  readonly external?: 'required' | 'optional' | 'never' | undefined;
  readonly dialback: 'never' | 'tls-only' | 'tls+same-cert';
};

/** An entry without CAs. Dialback alone needs none; but whatever speaks of certificates then has nothing to speak of. */
export function refuseWithoutTrust({ dialback, external, pins, crl }: Terms, impossible: Impossible): void {
  const write = 'write the PEM files of its CAs, such as [trust/out-example.pem]';
  if (dialback === 'never') {
    impossible(`is missing; ${write}`, 'trust');
    return;
  }
  if (pins !== undefined) {
    impossible(`is missing, and pins are asked besides it; ${write}, or pinsOnly: true, or remove pins`, 'trust');
  } else if (external === 'optional') {
    impossible('no certificate can speak without trust; write trust, or external: never', 'external');
  }
  if (crl !== undefined) impossible('no CA can take anything back without trust; write trust, or remove crl', 'crl');
}

/** One of the two must be able to prove the partner, and none may stand there in vain. */
export function refuseWithoutProof({ dialback, external }: Terms, impossible: Impossible): void {
  if (dialback === 'never') {
    if (external === 'optional' || external === 'never') {
      const mend = 'write external: required, or dialback: tls-only as well';
      impossible(`${external} leaves nothing that proves the partner while dialback is never; ${mend}`, 'external');
    }
  } else if (external === 'required') {
    const mend = 'write external: optional, or remove dialback';
    impossible(`${dialback} would never be asked while external is required; ${mend}`, 'dialback');
  }
}
