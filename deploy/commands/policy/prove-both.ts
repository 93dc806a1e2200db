// The examples of a policy played on both sides of the wall, as `sallyport policy test` and `check` show them.
import { type Played, play } from '@sallyport/shared/policy/play-example.ts';
import { type Example, proveExample, withoutExceptions } from '@sallyport/shared/policy/prove-examples.ts';
import { safe } from './on-terminal.ts';
import type { ReadPolicy } from './read-policy.ts';

export type BothProof = {
  readonly example: Example;
  readonly inside: Played;
  readonly dmz: Played;
  /** Why it is not as the example says; undefined: it is. The proxy's word counts where it holds the example. */
  readonly trouble?: string;
};

/** Plays every example on both sides, as the processes do when the policy is put in force. */
export function proveBoth({ examples, inside, dmz }: ReadPolicy): readonly BothProof[] {
  return examples.map((example) => {
    const proof = proveExample(example, inside);
    const atProxy = example.atProxy ? proveExample(example, dmz) : undefined;
    const other = atProxy?.trouble;
    const why =
      proof.trouble ??
      (other === undefined ? undefined : `at the proxy: ${other}; put it into a file that does not say where: both`);
    const trouble = why === undefined ? undefined : `${why}${difference(example, proof.played)}`;
    return {
      ...{ example, inside: proof.played, dmz: atProxy?.played ?? play(example, dmz, withoutExceptions) },
      ...(trouble === undefined ? {} : { trouble }),
    };
  });
}

// For its author's terminal alone: what goes to logs quotes nothing of an example.
function difference({ expect }: Example, { redacted, action }: Played): string {
  if (expect?.becomes === undefined || action !== 'redact' || redacted === expect.becomes) return '';
  return `: "${safe(redacted ?? '')}", not "${safe(expect.becomes)}"`;
}
