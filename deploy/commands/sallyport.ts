// The entry of `npx sallyport …`.
import { runCommand } from './run-command.ts';

// A reader such as `head` may leave early; that is no fault of ours.
process.stdout.on('error', () => process.exit(0));
process.exitCode = await runCommand(process.argv.slice(2), {
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
