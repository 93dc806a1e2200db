// Letters that are read as Latin ones: what the evasions of the corpus write instead.

export const cyrillic = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
  h: 'һ',
  j: 'ј',
  k: 'к',
  b: 'Ь',
};
export const greek = { a: 'α', e: 'ε', i: 'ι', k: 'κ', n: 'η', o: 'ο', p: 'ρ', t: 'τ', u: 'υ', v: 'ν', x: 'χ', y: 'γ' };
export const leet = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7', g: '9', b: '8' };
export const symbols = { a: '@', i: '!', s: '$', l: '|', t: '+', c: '(', e: '€' };
export const smallCaps: Readonly<Record<string, string>> = Object.fromEntries(
  [...'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ'].map((letter, i) => [String.fromCharCode(97 + i), letter]),
);
export const turned: Readonly<Record<string, string>> = Object.fromEntries(
  [...'ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz'].map((letter, i) => [String.fromCharCode(97 + i), letter]),
);
export const raised: Readonly<Record<string, string>> = Object.fromEntries(
  [...'ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖ𐞥ʳˢᵗᵘᵛʷˣʸᶻ'].map((letter, i) => [String.fromCharCode(97 + i), letter]),
);
export const stroked = {
  b: 'ƀ',
  d: 'đ',
  g: 'ǥ',
  h: 'ħ',
  i: 'ɨ',
  l: 'ł',
  o: 'ø',
  t: 'ŧ',
  z: 'ƶ',
  j: 'ɉ',
  k: 'ꝁ',
  p: 'ᵽ',
  r: 'ɍ',
};
export const armenian = { o: 'օ', u: 'ս', n: 'ո', h: 'հ', g: 'ց', q: 'ԛ', s: 'ѕ', d: 'ԁ', w: 'ԝ', t: 'τ' };
export const cherokee = {
  a: 'Ꭺ',
  b: 'Ᏼ',
  c: 'Ꮯ',
  d: 'Ꭰ',
  e: 'Ꭼ',
  g: 'Ꮐ',
  h: 'Ꮋ',
  k: 'Ꮶ',
  l: 'Ꮮ',
  m: 'Ꮇ',
  p: 'Ꮲ',
  r: 'Ꭱ',
  s: 'Ꮪ',
  t: 'Ꭲ',
  v: 'Ꮩ',
  w: 'Ꮃ',
  z: 'Ꮓ',
};
