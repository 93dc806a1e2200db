// The character references of HTML that people and chat clients write; all others stay as they stand.

const named: ReadonlyMap<string, string> = new Map([
  ...pairs('amp & lt < gt > quot " apos \' nbsp \u00a0 euro € hellip … ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚'),
  ...pairs('ldquo “ rdquo ” bdquo „ laquo « raquo » lsaquo ‹ rsaquo › bull • middot · dagger † Dagger ‡ permil ‰'),
  ...pairs('copy © reg ® trade ™ deg ° plusmn ± times × divide ÷ frac12 ½ frac14 ¼ frac34 ¾ sup1 ¹ sup2 ² sup3 ³'),
  ...pairs('micro µ para ¶ sect § cent ¢ pound £ yen ¥ curren ¤ iexcl ¡ iquest ¿ not ¬ ordf ª ordm º brvbar ¦'),
  ...pairs('Agrave À Aacute Á Acirc Â Atilde Ã Auml Ä Aring Å AElig Æ Ccedil Ç Egrave È Eacute É Ecirc Ê Euml Ë'),
  ...pairs('Igrave Ì Iacute Í Icirc Î Iuml Ï ETH Ð Ntilde Ñ Ograve Ò Oacute Ó Ocirc Ô Otilde Õ Ouml Ö Oslash Ø'),
  ...pairs('Ugrave Ù Uacute Ú Ucirc Û Uuml Ü Yacute Ý THORN Þ szlig ß agrave à aacute á acirc â atilde ã auml ä'),
  ...pairs('aring å aelig æ ccedil ç egrave è eacute é ecirc ê euml ë igrave ì iacute í icirc î iuml ï eth ð'),
  ...pairs('ntilde ñ ograve ò oacute ó ocirc ô otilde õ ouml ö oslash ø ugrave ù uacute ú ucirc û uuml ü'),
  ...pairs('yacute ý thorn þ yuml ÿ OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ larr ← rarr → uarr ↑ darr ↓'),
]);

// Numbers 128 to 159 mean windows-1252, as in every browser.
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** The character of one reference, given its number or its name; `whole` where it is unknown. */
export function characterOf(
  whole: string,
  decimal: string | undefined,
  hex: string | undefined,
  name: string | undefined,
): string {
  if (name !== undefined) return named.get(name) ?? whole;
  const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number.parseInt(decimal, 10);
  if (code >= 0x80 && code <= 0x9f) return windows1252[code - 0x80] ?? '\ufffd';
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  return String.fromCodePoint(code);
}

function pairs(text: string): (readonly [string, string])[] {
  const words = text.split(' ');
  const found: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) found.push([words[at] ?? '', words[at + 1] ?? '']);
  return found;
}
