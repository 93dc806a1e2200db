// `sallyport check settings FILE`: everything that is wrong with a settings file and the files it names, all at once.
import { readFileSync } from 'node:fs';
import { type ProxySettings, proxySettings } from '@sallyport/dmz-proxy/settings.ts';
import { type GatewaySettings, gatewaySettings } from '@sallyport/inner-gateway/settings.ts';
import { fileTrouble } from '@sallyport/shared/file-trouble.ts';
import { readSettings } from '@sallyport/shared/settings.ts';
import { gatewayFileProblems, proxyFileProblems } from './check-files.ts';
import { type Command, WrongQuestion } from './command.ts';

/** The settings of either program, from a file; or what is wrong with them, one line each. */
export type SomeSettings =
  | { readonly program: 'dmz-proxy'; readonly settings: ProxySettings }
  | { readonly program: 'inner-gateway'; readonly settings: GatewaySettings }
  | { readonly program: 'neither'; readonly problems: readonly string[] };

export const checkSettings: Command = {
  name: 'check settings',
  summary: 'says all that is wrong with a settings file, and with the files that it names',
  help: [
    '  --proxy        these are settings of dmz-proxy',
    '  --gateway      these are settings of inner-gateway; without either, the content tells',
    '  --no-files     leave out the certificates, keys and folders that the settings name',
    '  The exit code is 2 if anything is wrong.',
  ],
  options: { proxy: { type: 'boolean' }, gateway: { type: 'boolean' }, 'no-files': { type: 'boolean' } },
  words: ['FILE'],
  run: async ([file = ''], options, terminal) => {
    if (options.proxy === true && options.gateway === true)
      throw new WrongQuestion('write --proxy or --gateway, not both');
    const asked = options.proxy === true ? 'dmz-proxy' : options.gateway === true ? 'inner-gateway' : undefined;
    const read = readSomeSettings(file, asked);
    const problems = read.program === 'neither' ? read.problems : options['no-files'] === true ? [] : problemsOf(read);
    for (const problem of problems) terminal.complain(read.program === 'neither' ? problem : `${file}: ${problem}`);
    if (problems.length > 0 || read.program === 'neither') return 2;
    terminal.say(`${file}: good settings of ${read.program}, node ${read.settings.node}`);
    return 0;
  },
};

/** Reads a settings file of whichever program it is; `asked` decides where it is given. */
export function readSomeSettings(file: string, asked?: 'dmz-proxy' | 'inner-gateway'): SomeSettings {
  const program = asked ?? programOf(file);
  if (program === 'dmz-proxy') {
    const read = readSettings(file, proxySettings);
    return read.ok ? { program, settings: read.settings } : { program: 'neither', problems: read.problems };
  }
  if (program === 'inner-gateway') {
    const read = readSettings(file, gatewaySettings);
    return read.ok ? { program, settings: read.settings } : { program: 'neither', problems: read.problems };
  }
  return { program: 'neither', problems: [program.trouble] };
}

/** Which program the settings are for, by the keys that only one of them has. */
function programOf(file: string): 'dmz-proxy' | 'inner-gateway' | { readonly trouble: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { trouble: fileTrouble(file, error) };
  }
  if (/^s2s[ \t]*:/m.test(text)) return 'dmz-proxy';
  if (/^(sip|store|users)[ \t]*:/m.test(text)) return 'inner-gateway';
  return {
    trouble: `${file}: neither settings of dmz-proxy (s2s) nor of inner-gateway (sip); write --proxy or --gateway`,
  };
}

function problemsOf(read: Exclude<SomeSettings, { program: 'neither' }>): readonly string[] {
  return read.program === 'dmz-proxy' ? proxyFileProblems(read.settings) : gatewayFileProblems(read.settings);
}
