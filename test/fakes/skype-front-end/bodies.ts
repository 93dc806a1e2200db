// The bodies that a Skype client writes, and the one kind of text that it should receive. sip-dialect §5.

export type Form = 'plain' | 'html' | 'multipart';

// UTF-16LE in base64 without padding, as clients write their fonts.
const msgr = Buffer.from('X-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=00\r\n\r\n', 'utf16le')
  .toString('base64')
  .replace(/=+$/, '');
const plainType = `text/plain; charset=UTF-8;msgr=${msgr}`;

/** What a client puts into a MESSAGE for a text. */
export function writeText(text: string, form: Form): { readonly type: string; readonly body: string } {
  const plain = text.replace(/\r?\n/g, '\r\n');
  const html = `<DIV style="font-size:9pt;font-family:Segoe UI">${escapeHtml(text).replace(/\n/g, '<BR>\r\n')}</DIV>`;
  switch (form) {
    case 'plain':
      return { type: plainType, body: plain };
    case 'html':
      return { type: 'text/html; charset=UTF-8', body: html };
    case 'multipart': {
      const boundary = '----=_NextPart_000_0000_01DA0B1C';
      const part = (type: string, body: string) => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
      const body = `${part('text/html; charset=utf-8', html)}${part('text/plain; charset=utf-8', plain)}--${boundary}--\r\n`;
      return { type: `multipart/alternative;boundary="${boundary}"`, body };
    }
    default:
      return form satisfies never;
  }
}

/** The value of Ms-Text-Format. */
export function writeTextFormat(text: string): string {
  return `${plainType};ms-body=${Buffer.from(text.replace(/\r?\n/g, '\r\n')).toString('base64')}`;
}

export function writeSdp(address: string): string {
  return (
    `v=0\r\no=- 0 0 IN IP4 ${address}\r\ns=session\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=message 5060 sip null\r\n` +
    'a=accept-types:text/plain multipart/alternative image/gif text/rtf text/html application/x-ms-ink application/ms-imdn+xml text/x-msmsgsinvite\r\n'
  );
}

export function writeTyping(state: 'type' | 'idle'): string {
  return `<?xml version="1.0"?><KeyboardActivity><status status="${state}" /></KeyboardActivity>`;
}

export function readTyping(body: string): 'type' | 'idle' | undefined {
  const state =
    /^(?:<\?xml[^>]*>)?\s*<KeyboardActivity>\s*<status status="(type|idle)"\s*\/>\s*<\/KeyboardActivity>\s*$/.exec(
      body,
    )?.[1];
  return state === 'type' || state === 'idle' ? state : undefined;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);
}
