// `sallyport policy check DIR`: everything that is wrong with a policy, and everything that will be, all at once.
import type { Command } from '../command.ts';
import { checkPolicy } from './check-policy.ts';
import { keyHelp, keyOption } from './read-policy.ts';

export const policyCheck: Command = {
  name: 'policy check',
  summary: 'says all that is wrong with a policy, and what will be wrong soon',
  help: [
    keyHelp,
    '  --json              one JSON line with problems and warnings, for programs',
    '  The exit code is 0 if the policy is good, 1 if there are warnings only, 2 if it must not be put in force.',
  ],
  options: { ...keyOption, json: { type: 'boolean' } },
  words: ['DIR'],
  run: async ([folder = ''], options, terminal) => {
    const { problems, warnings, policy } = checkPolicy(folder, options, Date.now());
    if (options.json === true) {
      terminal.say(JSON.stringify({ revision: policy?.inside.revision, problems, warnings }));
      return problems.length > 0 ? 2 : warnings.length > 0 ? 1 : 0;
    }
    for (const problem of problems) terminal.complain(problem);
    for (const warning of warnings) terminal.complain(`warning: ${warning}`);
    if (policy === undefined || problems.length > 0) {
      terminal.complain(`${folder}: ${counted(problems.length, 'problem')}; it must not be put in force`);
      return 2;
    }
    const { content, examples, inside } = policy;
    const parts = [
      counted(inside.partners.size, 'partner'),
      counted(inside.content.rules.size, 'rule'),
      counted((content.detectors ?? []).length + (content.lists ?? []).length, 'detector'),
      `${counted(examples.length, 'example')}, all as they say`,
    ];
    terminal.say(`${folder}: a good policy: ${parts.join(', ')}; revision ${inside.revision.slice(0, 12)}`);
    if (warnings.length > 0) terminal.say(`${counted(warnings.length, 'warning')}.`);
    return warnings.length > 0 ? 1 : 0;
  },
};

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
