// Plain text from the HTML of a chat message: a small tokenizer, linear and without a tree. sip-dialect §5.5.
import { characterOf } from './html-entities.ts';

const rawElements: ReadonlySet<string> = new Set(['script', 'style', 'title', 'iframe', 'noembed', 'noframes']);
const ownLine: ReadonlySet<string> = new Set(
  'address article aside blockquote body dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
);
const linkSchemes = /^(?:https?|mailto|sips?|tel|xmpp|ftps?):[!-~]{1,2048}$/i;

const tagStart = /<(\/?)([A-Za-z][^\s/>]*)/y;
const attribute = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/y;
const attributesEnd = /[\s/]*>/y;
const reference = /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));?/g;

/**
 * The text that a reader of the page would see: tags become line breaks or nothing, references become characters,
 * what stands in script, style and comments is dropped, a link keeps its text and, in angle brackets, its address
 * where the two differ (only of schemes that a person may follow). Markup that never closes is dropped with all
 * that comes after it, as browsers do. Linear; the result is never longer than the source.
 */
export function textFromHtml(html: string): string {
  const page = newPage();
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    page.text(html.slice(at, open < 0 ? html.length : open));
    if (open < 0) break;
    const next = markup(html, open, page);
    if (next < 0) break;
    at = next;
  }
  return page.finish();
}

type Page = ReturnType<typeof newPage>;

/** Reads the markup at `open`, says where text goes on, or -1 where the markup never ends. */
function markup(html: string, open: number, page: Page): number {
  if (html.startsWith('<!--', open)) return behind(html, '-->', open + 4);
  const second = html.charCodeAt(open + 1);
  if (second === 0x21 || second === 0x3f) return behind(html, '>', open + 2); // <! and <?
  tagStart.lastIndex = open;
  const tag = tagStart.exec(html);
  const name = tag?.[2]?.toLowerCase();
  if (tag === null || name === undefined) {
    // `</` that is no tag is a comment up to `>`; a lone `<` is text.
    if (second === 0x2f) return behind(html, '>', open + 2);
    page.text('<');
    return open + 1;
  }
  const closing = tag[1] === '/';
  let href: string | undefined;
  let at = tagStart.lastIndex;
  for (;;) {
    attributesEnd.lastIndex = at;
    if (attributesEnd.test(html)) break;
    attribute.lastIndex = at;
    const found = attribute.exec(html);
    if (found === null) return -1;
    at = attribute.lastIndex;
    if (found[1]?.toLowerCase() === 'href') href ??= found[2] ?? found[3] ?? found[4];
  }
  at = attributesEnd.lastIndex;
  if (!closing && rawElements.has(name)) return behindRaw(html, name, at);
  if (name === 'a') closing ? page.closeLink() : page.openLink(href === undefined ? undefined : plain(href));
  else if (name === 'pre') page.keepSpace(!closing);
  if (name === 'br') page.lineBreak();
  else if (ownLine.has(name)) page.newLine();
  else if (name === 'td' || name === 'th') page.text(' ');
  if (name === 'li' && !closing) page.text('- ');
  return at;
}

/** Collects the text: space is folded, a block starts on a line of its own. */
function newPage() {
  const out: string[] = [];
  let last = '\n'; // the character that was put last; a page begins as after a line break
  let space = false;
  let preserve = 0;
  let link: { readonly href: string; readonly from: number } | undefined;

  const put = (text: string): void => {
    if (space && last !== '\n') out.push(' ');
    space = false;
    out.push(text);
    last = text.at(-1) ?? last;
  };
  const text = (source: string): void => {
    if (preserve > 0) {
      if (source !== '') put(plain(source.replace(/\r\n?/g, '\n')));
      return;
    }
    // References are resolved after folding, so that a written no-break space stays.
    const folded = source.replace(/[ \t\r\n\f]+/g, ' ');
    const from = folded.startsWith(' ') ? 1 : 0;
    const to = folded.endsWith(' ') ? folded.length - 1 : folded.length;
    if (from === 1) space = true;
    if (to > from) put(plain(folded.slice(from, to)));
    if (to > from && to < folded.length) space = true;
  };
  const lineBreak = (): void => {
    space = false;
    out.push('\n');
    last = '\n';
  };
  const closeLink = (): void => {
    if (link === undefined) return;
    const { href, from } = link;
    link = undefined;
    if (!linkSchemes.test(href)) return;
    const shown = out.slice(from).join('').trim();
    const target = href.replace(/^(?:mailto|sips?|tel|xmpp):/i, '');
    if (shown === href || shown === target || `${shown}/` === href) return;
    put(shown === '' ? href : ` <${href}>`);
  };
  return {
    text,
    openLink: (href: string | undefined): void => {
      closeLink();
      if (href !== undefined) link = { href: href.trim(), from: out.length };
    },
    closeLink,
    keepSpace: (on: boolean): void => {
      preserve = Math.max(0, preserve + (on ? 1 : -1));
    },
    lineBreak,
    newLine: (): void => {
      space = false;
      if (last !== '\n') lineBreak();
    },
    finish: (): string => {
      closeLink();
      return out.join('').replace(/^\n+/, '').trimEnd();
    },
  };
}

/** Resolves character references, and makes a no-break space a space. */
function plain(text: string): string {
  const resolved = text.includes('&')
    ? text.replace(reference, (whole, decimal?: string, hex?: string, name?: string) =>
        characterOf(whole, decimal, hex, name),
      )
    : text;
  return resolved.replaceAll('\u00a0', ' ');
}

function behind(html: string, end: string, from: number): number {
  const at = html.indexOf(end, from);
  return at < 0 ? -1 : at + end.length;
}

function behindRaw(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? -1;
}
