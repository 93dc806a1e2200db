// `sallyport trace`: where is my message? What both sides decided about it, in the order of time.
import path from 'node:path';
import { type Command, listOption, WrongQuestion } from '../command.ts';
import { type AuditRecord, recordsOf, told } from './records.ts';

export const trace: Command = {
  name: 'trace',
  summary: 'where is my message: both sides’ records of it, in order',
  help: [
    '  ID            what the user or his client knows: the number of an incident, the id of the XMPP stanza, the Call-ID',
    '                of SIP; or the id of a packet',
    '  --audit FILE  an audit; write it twice, for the proxy’s and the gateway’s',
    '  --json        the records as they were written, one a line',
    '  Times are those of each machine: compare their clocks with sallyport status.',
  ],
  options: { audit: { type: 'string', multiple: true }, json: { type: 'boolean' } },
  words: ['ID'],
  run: async ([id = ''], options, terminal) => {
    const files = listOption(options, 'audit');
    if (files.length === 0) throw new WrongQuestion('it does not know which audit; write --audit FILE, once or twice');
    const packets = new Set<string>();
    for (const file of files)
      for await (const { record } of recordsOf(file))
        if (names(record, id) && record.packet !== undefined) packets.add(record.packet);
    const found: { readonly at: number; readonly file: string; readonly text: string; readonly record: AuditRecord }[] =
      [];
    for (const file of files) {
      for await (const { text, record } of recordsOf(file)) {
        if (!names(record, id) && !(record.packet !== undefined && packets.has(record.packet))) continue;
        found.push({ at: Date.parse(record.ts), file: path.basename(file), text, record });
      }
    }
    if (found.length === 0) {
      terminal.complain(
        `sallyport trace: ${id} stands in none of these audits; was it refused before it had an id, or long ago?`,
      );
      return 1;
    }
    const width = Math.max(...found.map(({ file }) => file.length));
    for (const { file, text, record } of found.toSorted((a, b) => a.at - b.at))
      terminal.say(options.json === true ? text : `${file.padEnd(width)}  ${told(record)}`);
    return 0;
  },
};

// A Call-ID stands with the number of its CSeq behind it.
function names({ packet, stanzaId, callId, incident }: AuditRecord, id: string): boolean {
  return [packet, stanzaId, incident, callId, callId?.split(' ')[0]].includes(id);
}
