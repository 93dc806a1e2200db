// `npm run bench:content`: prints what judging a text costs, as the table of shared/content/README.md has it.
import { costs, lengths, policies, texts } from './cost.ts';

const measured = Object.keys(policies).flatMap((policy) => costs(policy, 5_000, 9));
console.log(`µs a text, the best of 9 runs; ${process.version}, 10,000 terms\n`);
console.log(
  `| text | ${Object.keys(policies)
    .flatMap((policy) => lengths.map((length) => `${policy}, ${length}`))
    .join(' | ')} |`,
);
console.log(`|---|${'---|'.repeat(Object.keys(policies).length * lengths.length)}`);
for (const text of Object.keys(texts)) {
  const row = Object.keys(policies).flatMap((policy) =>
    lengths.map((length) => {
      const cost = measured.find((one) => one.policy === policy && one.text === text && one.length === length);
      return cost === undefined ? '' : cost.us.toPrecision(2);
    }),
  );
  console.log(`| ${text} | ${row.map((cell) => String(Number(cell))).join(' | ')} |`);
}
