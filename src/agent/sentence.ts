/** Words that other sentences follow: ended with a full stop, unless they have an end already. */
export function sentence(words: string): string {
  const text = words.trimEnd();
  return text === "" || /[.!?]$/.test(text) ? text : `${text}.`;
}
