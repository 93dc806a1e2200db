// `sallyport partners`: the partners of the policy and how they are, a line each.
import { askControl } from '@sallyport/shared/control-socket.ts';
import type { Command } from './command.ts';
import { socketFolder, socketsOf } from './sockets.ts';
import { columns, readStatus, type Status } from './status-table.ts';

type Partner = NonNullable<Status['partners']>[number];
type State = 'connected' | 'we reach it' | 'it reaches us' | 'idle' | 'not reached' | 'off';

export const partners: Command = {
  name: 'partners',
  summary: 'the partners of the policy and how they are, a line each',
  help: [
    '  --control SOCKET  the control socket of dmz-proxy or inner-gateway',
    '  --settings FILE   the settings of either, which name its control socket',
    `                    without either: the first socket in ${socketFolder} that answers`,
    '  --json            one JSON line a partner, for programs; inside also which revisions of the policy its proxy has',
    '  Streams are made when somebody writes, so idle is as good as connected.',
    '  The exit code is 1 if one of them is off or not reached; sallyport doctor DOMAIN says why.',
  ],
  options: { control: { type: 'string' }, settings: { type: 'string' }, json: { type: 'boolean' } },
  words: [],
  run: async (_words, options, terminal) => {
    const troubles: string[] = [];
    for (const socket of socketsOf(options)) {
      const answer = await askControl(socket, { ask: 'status' }).catch((error: unknown) => {
        troubles.push(error instanceof Error ? error.message : String(error));
        return undefined;
      });
      const list = readStatus(answer)?.partners;
      if (list === undefined) continue;
      const rows = list
        .toSorted((a, b) => (a.domain < b.domain ? -1 : 1))
        .map((each) => ({ ...each, state: stateOf(each) }));
      const bad = rows.filter(({ state }) => state === 'off' || state === 'not reached');
      if (options.json === true) for (const row of rows) terminal.say(JSON.stringify(row));
      else for (const line of linesOf(rows)) terminal.say(line);
      return bad.length === 0 ? 0 : 1;
    }
    if (troubles.length === 0) troubles.push(`no process answers in ${socketFolder}; else write --settings FILE`);
    for (const trouble of troubles) terminal.complain(`sallyport partners: ${trouble}`);
    return 1;
  },
};

function stateOf({ inbound, outbound, people, lastError }: Partner): State {
  if (typeof people === 'string' && people.startsWith('off:')) return 'off';
  const [theirs, ours] = [Number(inbound) > 0, Number(outbound) > 0];
  if (theirs && ours) return 'connected';
  if (ours) return 'we reach it';
  // Our last attempt failed and nothing of ours lives: what we write waits or is refused.
  if (typeof lastError === 'string' && lastError !== '') return 'not reached';
  return theirs ? 'it reaches us' : 'idle';
}

function linesOf(rows: readonly (Partner & { readonly state: State })[]): readonly string[] {
  if (rows.length === 0) return ['The policy has no partners.'];
  return columns(
    ['partner', 'state', 'in', 'out', 'waiting', 'why'],
    rows.map(({ domain, state, inbound, outbound, waiting, people, lastError }) => {
      const why = state === 'off' ? people : state === 'not reached' ? lastError : '';
      return [domain, state, inbound, outbound, waiting, why];
    }),
  );
}
