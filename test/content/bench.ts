// `npm run bench:content`: prints what judging a text costs, and a message, as the tables of shared/content/README.md have it.
import { costs, lengths, policies, texts } from './cost.ts';
import { messageCost } from './message-cost.ts';

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

console.log('\nµs a message by the shipped policy, alone and in 500 conversations that go on\n');
console.log(`| text | ${lengths.map((length) => `alone, ${length} | going on, ${length}`).join(' | ')} |`);
console.log(`|---|${'---|'.repeat(2 * lengths.length)}`);
for (const text of Object.keys(texts)) {
  const cells = lengths.map((length) => messageCost(text, length, 9));
  console.log(
    `| ${text} | ${cells.map(({ alone, running }) => `${alone.toFixed(1)} | ${running.toFixed(1)}`).join(' | ')} |`,
  );
}
