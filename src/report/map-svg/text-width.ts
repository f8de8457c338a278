// How wide a text will be, without a browser. No machine has exactly these fonts, so that a little more is said.

/** Of a monospaced font: the widest of the usual ones. */
const MONO_EM = 0.61;

export function monoWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text) ems += isWide(character) ? 1.1 : MONO_EM;
  return ems * size;
}

/** Of a sans-serif font of the system. */
export function sansWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text) {
    if (isWide(character)) ems += 1.1;
    else if (/[mwMW@%]/.test(character)) ems += 0.92;
    else if (/[A-Z&#]/.test(character)) ems += 0.72;
    else if (/[iljtfr.,:;'|!()[\] ]/.test(character)) ems += 0.36;
    else ems += 0.6;
  }
  return ems * size;
}

/** The text, or as much of it as there is room for, and an ellipsis. */
export function cutToWidth(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && measure(`${characters.join("")}\u2026`) > width) characters.pop();
  return `${characters.join("").trimEnd()}\u2026`;
}

/** Emoji and the scripts of East Asia take the room of two letters. */
function isWide(character: string): boolean {
  return (
    character.codePointAt(0)! >= 0x1100 &&
    /[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(character)
  );
}
