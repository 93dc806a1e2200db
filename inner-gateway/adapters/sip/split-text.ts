// Cuts a text that is longer than a Skype client takes into parts that say so (sip-dialect §5.5: below 8 KiB each).

export const partBytes = 7_000;

/**
 * The text in parts of at most 7,000 bytes of UTF-8, each but a single one led by `[1/3]`. Cut at a line end or a
 * blank where there is one near the end, never inside a character.
 */
export function splitText(text: string): readonly string[] {
  if (text.length * 3 <= partBytes || Buffer.byteLength(text) <= partBytes) return [text];
  const parts: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const part = firstPart(rest);
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return parts.map((part, i) => `[${i + 1}/${parts.length}] ${part}`);
}

function firstPart(text: string): string {
  let bytes = 0;
  let end = 0;
  let blank = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > partBytes) return text.slice(0, blank > end / 2 ? blank : end);
    end += character.length;
    if (character === '\n' || character === ' ') blank = end;
  }
  return text;
}
